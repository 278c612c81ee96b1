//! The edits that stories name: a word, and what it needs to know, divided by blanks.

use plumbline_snapshot::Read;
use plumbline_testkit::{Env, ec2, kms, logs, s3, sagemaker, when};

type Edit = fn(&mut Env, &[&str]);

/// Every edit by its name.
const EDITS: &[(&str, Edit)] = &[
    ("attach-internet-gateway", |env, _| {
        env.add_internet_gateway(ec2::VPC);
    }),
    ("route-out", |env, words| {
        env.add_route(ec2::TABLE_PRIVATE, "0.0.0.0/0", "NatGatewayId", "nat-0added00000000001");
        env.route(ec2::TABLE_PRIVATE, "0.0.0.0/0", |route| words[0].clone_into(&mut route.state));
    }),
    ("route-state", |env, words| {
        env.route(ec2::TABLE_PRIVATE, "0.0.0.0/0", |route| words[0].clone_into(&mut route.state));
    }),
    ("peering", |env, words| {
        let mut peering = ec2::plain_peering("pcx-0added", ec2::OTHER_VPC);
        words[0].clone_into(&mut peering.status);
        env.add_peering(peering);
    }),
    ("public-addresses", |env, _| {
        env.subnet(ec2::SUBNET_A, |subnet| subnet.map_public_ip = true);
    }),
    ("ebs-unencrypted", |env, _| {
        env.ebs_encryption(false);
    }),
    ("notebook-on-the-internet", |env, words| {
        env.notebook(words[0], |notebook| notebook.direct_internet = Some("Enabled".to_owned()));
    }),
    ("notebooks-on-the-internet", |env, words| {
        for number in 0..words[0].parse().unwrap() {
            let name = format!("ds-notebook-fraud-dev-{number:03}");
            let mut body = sagemaker::plain_notebook();
            body.direct_internet = Some("Enabled".to_owned());
            env.add_notebook(&name, body);
        }
    }),
    ("delete-notebook", |env, words| {
        env.remove_notebook(words[0]);
    }),
    ("open-training-job", |env, words| {
        let mut body = sagemaker::plain_training_job();
        body.network_isolation = false;
        env.add_training_job(words[0], body);
        env.training_job_resource(words[0], |job| {
            job.created = Some(when(words[1]));
            job.modified = Some(when(words[2]));
        });
    }),
    ("short-retention", |env, words| {
        env.log_group(logs::GROUP_TRAINING, |group| group.retention_days = Some(words[0].parse().unwrap()));
    }),
    ("key-without-rotation", |env, _| {
        env.key_rotation(kms::KEY_DATA, |rotation| rotation.enabled = false);
    }),
    ("bucket-without-key", |env, _| {
        env.bucket(s3::BUCKET_DATA, |bucket| bucket.encryption = Read::Seen(None));
    }),
    // What a living account does by itself: trails deliver.
    ("trails-deliver", |env, words| {
        env.trail_status(plumbline_testkit::cloudtrail::TRAIL, |status| {
            status.latest_delivery = Some(when(words[0]));
            status.latest_digest_delivery = Some(when(words[0]));
        });
    }),
];

/// Applies `name word word…`.
pub(crate) fn apply(env: &mut Env, text: &str) {
    let mut words = text.split(' ');
    let name = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    let (_, edit) = EDITS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no edit `{name}`"));
    edit(env, &words);
}
