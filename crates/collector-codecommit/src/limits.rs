//! How fast CodeCommit may be asked, and what its answers must have.

use plumbline_collector::{Bucket, Need, Shape};
use plumbline_snapshot::codecommit::REPOSITORIES;

/// The rate limits.
pub(crate) const BUCKETS: &[Bucket] = &[Bucket::guess(&[&REPOSITORIES], 5.0, 5.0, "AWS publishes none for CodeCommit")];

/// Names a call: AWS allows no more.
pub(crate) const NAMES: usize = 100;

/// AWS writes both lists even where they are empty. A repository under AWS's own key may lack the key.
pub(crate) const SHAPES: &[Shape] = &[Shape::json(
    "BatchGetRepositories",
    &[Need::list("repositories", &["repositoryName", "Arn"]), Need::list("repositoriesNotFound", &[])],
)];
