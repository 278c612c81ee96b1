//! Reference policies: the reviewed documents that a baseline names by path, read beside it and filled in for each
//! environment. Files are opened by others; what a reference is compared with is the controls' business.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::EnvironmentName;
use plumbline_policy::{Document, parse};
use sha2::{Digest as _, Sha256};

use super::error::BaselineError;
use super::placeholders::Fillings;
use super::{Baseline, Environment, PolicyPaths};

/// A reference policy as one environment has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// What it says, placeholders filled in.
    pub document: Document,
}

/// The reference policies of a baseline, by environment and path.
pub type References = BTreeMap<EnvironmentName, BTreeMap<String, Reference>>;

impl Environment {
    /// Paths of the reference policies that it names, relative to the baseline file.
    fn reference_paths(&self) -> BTreeSet<&str> {
        let roles = self.roles.values().filter_map(|binding| binding.reference_policy.as_ref());
        let roles = roles.flat_map(|PolicyPaths(paths)| paths);
        let endpoints = self.endpoint_reference_policies.iter().flatten().map(|reference| &reference.policy);
        let buckets = self.data_buckets.iter().flatten().filter_map(|bucket| bucket.reference_policy.as_ref());
        let keys = self.kms_keys.iter().flatten().filter_map(|key| key.reference_policy.as_ref());
        let all = roles.chain(&self.boundary_reference_policy).chain(endpoints).chain(buckets).chain(keys);
        all.map(String::as_str).collect()
    }
}

impl Baseline {
    /// Paths of all reference policies, relative to the baseline file: what [`Baseline::with_references`] wants.
    #[must_use]
    pub fn reference_paths(&self) -> BTreeSet<&str> {
        self.environments.iter().flat_map(Environment::reference_paths).collect()
    }

    /// The baseline with its reference policies, of which `files` has the bytes by path.
    ///
    /// # Errors
    /// One is missing, is not UTF-8, or is no policy that IAM accepts.
    pub fn with_references(mut self, files: &BTreeMap<String, Vec<u8>>) -> Result<Self, BaselineError> {
        let mut mistakes = BTreeSet::new();
        let mut references = References::new();
        for environment in &self.environments {
            let fillings = Fillings::of_environment(environment, &self.account_id);
            let mut own = BTreeMap::new();
            for path in environment.reference_paths() {
                match files.get(path).ok_or_else(|| "it is not there".to_owned()).and_then(|file| read(file, &fillings))
                {
                    Ok(reference) => {
                        own.insert(path.to_owned(), reference);
                    }
                    Err(why) => {
                        mistakes.insert(format!("`{path}`: {why}"));
                    }
                }
            }
            references.insert(environment.name.clone(), own);
        }
        if mistakes.is_empty() {
            self.references = references;
            Ok(self)
        } else {
            Err(BaselineError::References { file: self.file, mistakes: mistakes.into_iter().collect() })
        }
    }

    /// The reference policy at a path, as an environment has it; none where it was not read.
    #[must_use]
    pub fn reference(&self, environment: &EnvironmentName, path: &str) -> Option<&Reference> {
        self.references.get(environment)?.get(path)
    }
}

fn read(file: &[u8], fillings: &Fillings) -> Result<Reference, String> {
    let text = std::str::from_utf8(file).map_err(|_| "it is not UTF-8".to_owned())?;
    let document = parse(&fillings.filled_in(text)).map_err(|error| error.to_string())?;
    let sha256 = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Reference { sha256, document })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use crate::baseline::{Baseline, LoadContext, load};

    const TEXT: &str = r#"
version: 1
account_id: "111122223333"
environments:
  - name: fraud-dev
    region: eu-west-1
    vpc: {ids: [vpc-0a]}
    boundary_reference_policy: references/boundary.json
    roles:
      training_execution:
        bind: {arns: ["arn:aws:iam::{account}:role/trainer"]}
        reference_policy: [references/train.json, references/boundary.json]
"#;

    fn baseline() -> Baseline {
        load(TEXT, "baseline.yaml", &LoadContext::on(date(2026, 9, 14))).unwrap()
    }

    fn policy(resource: &str) -> Vec<u8> {
        format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "{resource}"}}}}"#).into_bytes()
    }

    #[test]
    fn each_file_is_read_once_and_filled_in() {
        let baseline = baseline();
        let paths = ["references/boundary.json", "references/train.json"];
        assert_eq!(baseline.reference_paths().into_iter().collect::<Vec<_>>(), paths);
        let arn = "arn:{partition}:s3:::ds-{env}-{account}-{region}/${aws:username}/{}";
        let files: BTreeMap<String, Vec<u8>> = paths.map(|path| (path.to_owned(), policy(arn))).into_iter().collect();
        let environment = baseline.environments[0].name.clone();
        let baseline = baseline.with_references(&files).unwrap();
        let found = baseline.reference(&environment, "references/train.json").unwrap();
        let resource = &found.document.statements[0].resources.as_ref().unwrap().patterns[0];
        assert_eq!(resource.text(), "arn:aws:s3:::ds-fraud-dev-111122223333-eu-west-1/${aws:username}/{}");
        assert_eq!(found.sha256.len(), 64);
        assert_eq!(baseline.reference(&environment, "elsewhere.json"), None);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let bad = vec![("references/train.json".to_owned(), vec![0xff])].into_iter().collect();
        let told = baseline().with_references(&bad).unwrap_err().to_string();
        assert!(told.contains("`references/boundary.json`: it is not there"), "{told}");
        assert!(told.contains("`references/train.json`: it is not UTF-8"), "{told}");
        let twice = br#"{"Statement": [], "Statement": []}"#.to_vec();
        let files = [("references/boundary.json", policy("*")), ("references/train.json", twice)];
        let files = files.map(|(path, file)| (path.to_owned(), file)).into_iter().collect();
        let told = baseline().with_references(&files).unwrap_err().to_string();
        assert!(told.starts_with("`baseline.yaml`: reference policies: `references/train.json`: "), "{told}");
    }
}
