//! The account's books over a store that can only get and put: the state by compare-and-swap, reports once, the outbox.

use plumbline_findings::{Report, SchemaError, State};
use plumbline_names::AccountId;

use crate::ports::{If, Key, Put, Store, StoreError, Version};
use crate::report::pack_report;

/// How often a write that lost the race is tried again, each time on top of what won.
pub(crate) const ATTEMPTS: usize = 10;

/// Why the books could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error("{attempt} `{key}`: {source}")]
    Store {
        /// What was attempted, such as `saving`.
        attempt: &'static str,
        /// On what.
        key: Key,
        /// What the store said.
        source: StoreError,
    },
    /// What lies there cannot be understood, or what should be written cannot be put into bytes.
    #[error("{attempt} `{key}`: {source}")]
    Schema {
        /// What was attempted.
        attempt: &'static str,
        /// On what.
        key: Key,
        /// What is wrong with it.
        source: SchemaError,
    },
    /// The state is another account's.
    #[error("loading `{key}`: it is the state of account `{found}`")]
    Account {
        /// Where it lies.
        key: Key,
        /// Whose it is.
        found: AccountId,
    },
    /// A report of the same run is there already and says something else.
    #[error("saving `{0}`: another report is there under this run's id")]
    ReportExists(Key),
    /// Other runs save all the time.
    #[error("saving `{0}`: {ATTEMPTS} tries lost against other runs")]
    Contended(Key),
    /// Packing a report or a claim failed.
    #[error("packing `{key}`: {cause}")]
    Pack {
        /// What for.
        key: Key,
        /// Why.
        cause: String,
    },
}

/// A state as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The state; that of a new account where there is none.
    pub state: State,
    /// Its version; none where there is none.
    pub version: Option<Version>,
}

/// The books of one account.
#[derive(Debug)]
pub struct Ledger<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) account: AccountId,
}

impl<'a, S: Store> Ledger<'a, S> {
    /// The books of `account` in `store`.
    pub fn new(store: &'a S, account: AccountId) -> Self {
        Self { store, account }
    }

    fn state_key(&self) -> Key {
        Key::of(&[self.account.as_str(), "state.json"])
    }

    /// Where a report lies.
    #[must_use]
    pub fn report_key(&self, report: &Report) -> Key {
        let day = plumbline_findings::utc_day(report.run.finished_at).to_string();
        Key::of(&[self.account.as_str(), "reports", &day, &format!("{}.json.zst", report.run.id)])
    }

    pub(crate) async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, LedgerError> {
        let store = |source| LedgerError::Store { attempt: "loading", key: key.clone(), source };
        self.store.get(key).await.map_err(store)
    }

    pub(crate) async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, LedgerError> {
        let store = |source| LedgerError::Store { attempt: "saving", key: key.clone(), source };
        self.store.put(key, body, when).await.map_err(store)
    }

    /// The state.
    ///
    /// # Errors
    /// [`LedgerError`]: it cannot be read, a newer version wrote it, or it is another account's.
    pub async fn load(&self) -> Result<Loaded, LedgerError> {
        let key = self.state_key();
        let Some((body, version)) = self.get(&key).await? else {
            return Ok(Loaded { state: State::empty(self.account.clone()), version: None });
        };
        let schema = |source| LedgerError::Schema { attempt: "loading", key: key.clone(), source };
        let state = State::from_bytes(&body).map_err(schema)?;
        if state.account != self.account {
            return Err(LedgerError::Account { key, found: state.account });
        }
        Ok(Loaded { state, version: Some(version) })
    }

    /// Saves `state` if what lies there is still what was loaded. `Lost`: load again, and think again.
    ///
    /// # Errors
    /// [`LedgerError`]: it could not be written, or it is not known whether it was.
    pub async fn save(&self, state: &State, loaded: Option<&Version>) -> Result<Put, LedgerError> {
        let key = self.state_key();
        let schema = |source| LedgerError::Schema { attempt: "saving", key: key.clone(), source };
        let body = state.to_bytes().map_err(schema)?;
        let wanted = Version::of(&body);
        let when = loaded.map_or(If::Absent, |version| If::Unchanged(version.clone()));
        match self.put(&key, body, when).await? {
            Put::Done(version) => Ok(Put::Done(version)),
            // WHY: a write whose answer got lost on the way is tried again below us, and then loses against itself.
            Put::Lost => Ok(match self.get(&key).await? {
                Some((there, version)) if Version::of(&there) == wanted => Put::Done(version),
                _ => Put::Lost,
            }),
        }
    }

    /// Changes the state as it lies there now, again and again until nobody was faster. `known` spares the first loading.
    ///
    /// # Errors
    /// [`LedgerError`]; [`LedgerError::Contended`] if others always were faster.
    pub async fn update(
        &self,
        known: Option<Loaded>,
        change: impl Fn(&mut State) + Send,
    ) -> Result<Loaded, LedgerError> {
        let mut known = known;
        for _ in 0..ATTEMPTS {
            let Loaded { mut state, version } = match known.take() {
                Some(loaded) => loaded,
                None => self.load().await?,
            };
            let before = state.clone();
            change(&mut state);
            if state == before {
                return Ok(Loaded { state, version });
            }
            if let Put::Done(version) = self.save(&state, version.as_ref()).await? {
                return Ok(Loaded { state, version: Some(version) });
            }
        }
        Err(LedgerError::Contended(self.state_key()))
    }

    /// Saves a report; again, where `saved` is the version that the same run has saved before. With `replace`, an earlier leg
    /// of the run may have saved one that no state tells of.
    ///
    /// # Errors
    /// [`LedgerError`]; [`LedgerError::ReportExists`] if another run of the same id was there first.
    pub async fn save_report(
        &self,
        report: &Report,
        mut saved: Option<Version>,
        replace: bool,
    ) -> Result<Version, LedgerError> {
        let key = self.report_key(report);
        for _ in 0..ATTEMPTS {
            let when = saved.clone().map_or(If::Absent, If::Unchanged);
            let body = pack_report(report, &key)?;
            let wanted = Version::of(&body);
            if let Put::Done(version) = self.put(&key, body, when).await? {
                return Ok(version);
            }
            match self.get(&key).await? {
                Some((there, version)) if Version::of(&there) == wanted => return Ok(version),
                // Nobody was faster: a store may say that it lost when it only could not tell.
                there if there.as_ref().map(|(_, version)| version) == saved.as_ref() => {}
                Some((_, version)) if replace => saved = Some(version),
                _ => return Err(LedgerError::ReportExists(key)),
            }
        }
        Err(LedgerError::Contended(key))
    }
}
