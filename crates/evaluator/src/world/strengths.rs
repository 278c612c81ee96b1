//! How strong roles are beside each other: the capability classes that each holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use plumbline_snapshot::iam::Role;

use crate::baseline::CapabilityClass;
use crate::judge::{Known, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::powers::Powers;
use crate::world::targets::Targets;

/// The classes that roles hold here, each role asked once.
#[derive(Debug)]
pub(crate) struct Strengths<'w, 'a> {
    world: &'w World<'a>,
    targets: Targets<'a>,
    known: RefCell<HashMap<&'a str, Rc<Strength<'a>>>>,
}

/// The classes that one role holds, and those of which that is not known.
#[derive(Debug, Default)]
struct Strength<'a> {
    held: BTreeSet<CapabilityClass>,
    unclear: BTreeMap<CapabilityClass, Unknown<'a>>,
}

impl<'a> World<'a> {
    /// The strengths of roles over what a place has.
    pub(crate) fn strengths(&self, place: &Place<'a>) -> Strengths<'_, 'a> {
        Strengths { world: self, targets: self.targets(place), known: RefCell::default() }
    }
}

impl<'a> Strengths<'_, 'a> {
    /// The classes that a role holds and another lacks.
    ///
    /// # Errors
    /// It certainly holds none of these, and may hold one.
    pub(crate) fn more(&self, role: &'a Role, than: &'a Role) -> Known<'a, Vec<CapabilityClass>> {
        let (one, other) = (self.of(role), self.of(than));
        let lacks = |class: &&CapabilityClass| !other.held.contains(class) && !other.unclear.contains_key(class);
        let certain: Vec<CapabilityClass> = one.held.iter().filter(lacks).copied().collect();
        if !certain.is_empty() {
            return Ok(certain);
        }
        let unclear = one.unclear.iter().find(|(class, _)| !other.held.contains(class));
        let doubted = other.unclear.iter().find(|(class, _)| one.held.contains(class));
        match unclear.or(doubted) {
            Some((_, unknown)) => Err(unknown.clone()),
            None => Ok(Vec::new()),
        }
    }

    fn of(&self, role: &'a Role) -> Rc<Strength<'a>> {
        if let Some(known) = self.known.borrow().get(role.arn.as_str()) {
            return Rc::clone(known);
        }
        let mut strength = Strength::default();
        match self.world.powers(role) {
            Ok(powers) => CapabilityClass::ALL.into_iter().for_each(|class| self.ask(&powers, class, &mut strength)),
            Err(unknown) => {
                strength.unclear = CapabilityClass::ALL.into_iter().map(|class| (class, unknown.clone())).collect();
            }
        }
        let strength = Rc::new(strength);
        self.known.borrow_mut().insert(&role.arn, Rc::clone(&strength));
        strength
    }

    fn ask(&self, powers: &Powers, class: CapabilityClass, strength: &mut Strength<'a>) {
        match powers.holds(class, &self.targets) {
            Ok(true) => drop(strength.held.insert(class)),
            Ok(false) => {}
            Err(unknown) => drop(strength.unclear.insert(class, unknown)),
        }
    }
}
