//! What is live today as reference policies, so that any later widening is drift. Whether it is good is not asked: the
//! controls say that.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::{EnvironmentName, Text};
use plumbline_policy::Document;
use plumbline_snapshot::{Read, Snapshot, ec2, kms, s3};

use crate::baseline::{Baseline, Environment, LogicalRole};
use crate::judge::Unknown;
use crate::place::Place;
use crate::world::World;
use crate::world::keys::Meaning;

/// The live policies as files, and what the baseline has to say of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frozen {
    /// Policy documents by path, relative to the baseline file.
    pub files: BTreeMap<String, Document>,
    /// What the baseline does not say yet: the environment, and a line of YAML that names a parameter there.
    pub additions: Vec<(EnvironmentName, String)>,
    /// What could not be frozen, a sentence each.
    pub missed: Vec<String>,
}

/// The policies of every environment of the baseline as they were read. A path that the baseline names is written to; for
/// what has none a path is proposed.
#[must_use]
pub fn freeze(snapshot: &Snapshot, baseline: &Baseline) -> Frozen {
    let last = BTreeMap::new();
    let world = World::new(snapshot, baseline, &last);
    let mut frozen = Frozen::default();
    for environment in &baseline.environments {
        let place = Place::of(environment, &baseline.account_id, &snapshot.partition);
        let mut ice = Ice { world: &world, place: &place, environment, frozen: &mut frozen };
        ice.roles();
        ice.boundary();
        ice.endpoints();
        ice.buckets();
        ice.keys();
    }
    frozen
}

struct Ice<'w, 'a> {
    world: &'w World<'a>,
    place: &'w Place<'a>,
    environment: &'a Environment,
    frozen: &'w mut Frozen,
}

impl<'a> Ice<'_, 'a> {
    /// Where a document goes by default.
    fn path(&self, kind: &str, name: &str) -> String {
        format!("references/{}/{kind}{name}.json", self.environment.name)
    }

    fn missed(&mut self, what: &str, unknown: &Unknown<'a>) {
        self.frozen.missed.push(format!("{what}: {}", unknown.words()));
    }

    fn add(&mut self, line: String) {
        self.frozen.additions.push((self.environment.name.clone(), line));
    }

    /// The documents of all IAM roles that play a logical role: one file for each different one.
    fn roles(&mut self) {
        for logical in LogicalRole::ALL {
            let bound = self.world.bound(self.place, logical);
            if let Some(unknown) = &bound.unknown {
                self.missed(logical.as_str(), unknown);
            }
            let mut documents: Vec<Document> = Vec::new();
            for role in bound.items {
                match self.world.powers(role) {
                    Ok(powers) => {
                        for held in powers.policies() {
                            if !documents.contains(&held.document) {
                                documents.push(held.document.as_ref().clone());
                            }
                        }
                    }
                    Err(unknown) => self.missed(&role.name, &unknown),
                }
            }
            let named = self.environment.references_of(logical).unwrap_or_default();
            let numbered = |at: usize| match at {
                0 => self.path("roles/", logical.as_str()),
                more => self.path("roles/", &format!("{}-{}", logical.as_str(), more + 1)),
            };
            let paths: Vec<String> =
                (0..documents.len()).map(|at| named.get(at).cloned().unwrap_or_else(|| numbered(at))).collect();
            if !paths.is_empty() && paths != named {
                self.add(format!("roles.{logical}.reference_policy: [{}]", paths.join(", ")));
            }
            self.frozen.files.extend(paths.into_iter().zip(documents));
        }
    }

    /// The boundaries of the bound roles as one document.
    fn boundary(&mut self) {
        let bound = self.world.bound_roles(self.place);
        let arns: BTreeSet<&'a Text> = bound.items.iter().filter_map(|it| it.role.boundary.as_ref()).collect();
        let mut merged: Option<Document> = None;
        for arn in arns {
            let document = match self.world.managed_policy("a bound role", arn) {
                Ok(held) => held.document.as_ref().clone(),
                Err(unknown) => {
                    self.missed(arn, &unknown);
                    continue;
                }
            };
            match &mut merged {
                None => merged = Some(document),
                Some(all) if all.version == document.version => {
                    let first = all.statements.len();
                    let more = document.statements.into_iter().enumerate();
                    all.statements.extend(more.map(|(at, mut statement)| {
                        // Two documents may use one name.
                        (statement.index, statement.sid) = (first + at, None);
                        statement
                    }));
                }
                Some(_) => {
                    self.frozen.missed.push(format!("{arn}: its `Version` is not that of the other boundary"));
                }
            }
        }
        let Some(document) = merged else { return };
        let named = self.environment.boundary_reference_policy.clone();
        let path = named.clone().unwrap_or_else(|| self.path("", "boundary"));
        if named.is_none() {
            self.add(format!("boundary_reference_policy: {path}"));
        }
        self.frozen.files.insert(path, document);
    }

    fn endpoints(&mut self) {
        let endpoints = self.world.vpc_endpoints(self.place);
        if let Some(unknown) = &endpoints.unknown {
            self.missed("the VPC's endpoints", unknown);
        }
        for endpoint in endpoints.items {
            let (id, service) = (&endpoint.id, &endpoint.service_name);
            let Some(text) = &endpoint.policy else { continue };
            let listed = self.environment.endpoint_reference_policies.iter().flatten();
            let named =
                listed.filter(|reference| reference.service == *service).map(|reference| &reference.policy).next();
            let path = named.cloned().unwrap_or_else(|| self.path("endpoints/", service));
            let added = named
                .is_none()
                .then(|| format!("endpoint_reference_policies: - {{service: {service}, policy: {path}}}"));
            self.plain(&ec2::VPC_ENDPOINTS, &format!("the policy of `{id}`"), text, path, added);
        }
    }

    fn buckets(&mut self) {
        let buckets = self.world.data_buckets(self.place);
        if let Some(unknown) = &buckets.unknown {
            self.missed("the data buckets", unknown);
        }
        for bucket in buckets.items {
            let name = bucket.name;
            let seen =
                self.world.bucket(&bucket).and_then(|seen| Ok(seen.map(|seen| seen.policy.sight()).transpose()?));
            match seen {
                Ok(Some(Some(text))) => {
                    let named = bucket.choice.reference_policy.clone();
                    let path = named.clone().unwrap_or_else(|| self.path("buckets/", name));
                    let added = named.is_none().then(|| format!("data_buckets: {name}: reference_policy: {path}"));
                    self.plain(&s3::BUCKET_POLICY, &format!("the policy of `{name}`"), text, path, added);
                }
                Ok(_) => {}
                Err(unknown) => self.missed(name, &unknown),
            }
        }
    }

    fn keys(&mut self) {
        for choice in self.environment.kms_keys.iter().flatten() {
            let (meant, unknown) = match self.world.keys_meant(self.place, choice) {
                Ok(found) => found,
                Err(unknown) => {
                    self.missed(&choice.name, &unknown);
                    continue;
                }
            };
            if let Some(unknown) = &unknown {
                self.missed(&choice.name, unknown);
            }
            let arns: Vec<String> = meant
                .into_iter()
                .filter_map(|meaning| if let Meaning::Key(arn) = meaning { Some(arn) } else { None })
                .collect();
            for arn in arns {
                let seen = self.world.key(self.place, &arn).map(|key| &key.policy);
                match seen {
                    Ok(Read::Seen(Some(text))) => {
                        let named = choice.reference_policy.clone();
                        let path = named.clone().unwrap_or_else(|| self.path("keys/", &choice.name));
                        let added =
                            named.is_none().then(|| format!("kms_keys: {}: reference_policy: {path}", choice.name));
                        self.plain(&kms::KEY_POLICY, &format!("the policy of `{arn}`"), text, path, added);
                    }
                    Ok(Read::Seen(None)) => {}
                    Ok(Read::Gap(gap)) => self.missed(&choice.name, &Unknown::Gap(gap)),
                    Err(unknown) => self.missed(&choice.name, &unknown),
                }
            }
        }
    }

    /// The policy of a resource. Where one path serves several, they have to say the same.
    fn plain(
        &mut self,
        source: &'static plumbline_snapshot::Source,
        what: &str,
        text: &str,
        path: String,
        added: Option<String>,
    ) {
        let document = match self.world.plain_policy(source, what.to_owned(), String::new(), text) {
            Ok(held) => held.document.as_ref().clone(),
            Err(unknown) => {
                self.missed(what, &unknown);
                return;
            }
        };
        match self.frozen.files.get(&path) {
            Some(other) if *other != document => {
                self.frozen.missed.push(format!("{what} differs from another one that goes by `{path}`"));
            }
            Some(_) => {}
            None => {
                self.frozen.files.insert(path, document);
                if let Some(line) = added {
                    self.add(line);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plumbline_findings::Verdict;
    use plumbline_testkit::iam::TRAINING_EXECUTION;
    use plumbline_testkit::{Env, known_good};
    use serde_json::json;

    use super::{Frozen, freeze};
    use crate::baseline::{Baseline, LoadContext, load};
    use crate::{Scope, evaluate};

    const CONTROLS: [&str; 4] = ["IAM-15", "IAM-16", "VPE-11", "DATA-15"];

    fn baseline(env: &Env) -> Baseline {
        load(&env.baseline, "baseline.yaml", &LoadContext::on(jiff::civil::date(2026, 9, 14))).unwrap()
    }

    fn written(frozen: &Frozen) -> BTreeMap<String, Vec<u8>> {
        frozen.files.iter().map(|(path, document)| (path.clone(), document.to_string().into_bytes())).collect()
    }

    /// Whether the controls of references are content with what was frozen.
    fn holds(env: &Env, frozen: &Frozen) -> bool {
        let baseline = baseline(env).with_references(&written(frozen)).unwrap();
        let mut scope = Scope::default();
        scope.controls.extend(CONTROLS.map(str::to_owned));
        let found = evaluate(&env.snapshot, &baseline, &scope, &BTreeMap::new()).assessments;
        assert!(found.iter().any(|it| it.verdict == Verdict::Compliant));
        found.iter().all(|it| matches!(it.verdict, Verdict::Compliant | Verdict::NotApplicable))
    }

    #[test]
    fn what_is_live_holds_against_itself_and_what_is_widened_later_does_not() {
        let mut env = known_good();
        let wide = json!({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
        env.set_boundary("training_execution", None).add_inline("training_execution", "wide", &wide);
        let frozen = freeze(&env.snapshot, &baseline(&env));
        assert_eq!(frozen.missed, Vec::<String>::new());
        let more = "roles.training_execution.reference_policy: [references/roles/training_execution.json, \
                    references/fraud-dev/roles/training_execution-2.json]";
        let additions: Vec<&str> = frozen.additions.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(additions, [more]);
        let named = "reference_policy: [references/roles/training_execution.json";
        env.replace_baseline(named, &format!("{named}, references/fraud-dev/roles/training_execution-2.json"));
        assert!(holds(&env, &frozen));
        assert_eq!(freeze(&env.snapshot, &baseline(&env)).additions, Vec::new());
        let wider = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:*", "sts:*"], "Resource": "*"}]});
        env.add_inline("training_execution", "wide", &wider);
        assert!(!holds(&env, &frozen));
    }

    #[test]
    fn paths_are_proposed_where_the_baseline_has_none() {
        let mut env = known_good();
        env.baseline = env.baseline.lines().filter(|line| !line.trim_start().starts_with("reference_policy:")).fold(
            String::new(),
            |text, line| {
                text + line.split(", reference_policy:").next().unwrap()
                    + if line.contains(", reference_policy:") { "}\n" } else { "\n" }
            },
        );
        let frozen = freeze(&env.snapshot, &baseline(&env));
        let additions: Vec<&str> = frozen.additions.iter().map(|(_, line)| line.as_str()).collect();
        for expected in [
            "roles.notebook_execution.reference_policy: [references/fraud-dev/roles/notebook_execution.json]",
            "data_buckets: ds-data-lake-7f3a: reference_policy: references/fraud-dev/buckets/ds-data-lake-7f3a.json",
            "kms_keys: data: reference_policy: references/fraud-dev/keys/data.json",
        ] {
            assert!(additions.contains(&expected), "{expected}: {additions:#?}");
        }
    }

    #[test]
    fn what_was_not_seen_is_said() {
        let mut env = known_good();
        env.role(TRAINING_EXECUTION, |role| role.inline.insert("broken".into(), "%7B".into()).map_or((), drop));
        env.hide(&plumbline_snapshot::s3::BUCKET_POLICY);
        let frozen = freeze(&env.snapshot, &baseline(&env));
        let told = frozen.missed.join("\n");
        assert!(told.contains("the inline policy `broken` of `ds-training-role-fraud-dev` cannot be read"), "{told}");
        assert!(told.contains("s3:GetBucketPolicy"), "{told}");
    }
}
