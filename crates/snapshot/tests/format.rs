//! The snapshot file: the same value and the same bytes back, and clear answers to what is no snapshot.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::Timestamp;
use plumbline_names::{AccountId, Partition, Region};
use plumbline_snapshot::sagemaker::counted::Counted;
use plumbline_snapshot::sagemaker::studio::LifecycleConfig;
use plumbline_snapshot::{FileError, Read, SCHEMA, Snapshot, diff::changes, ec2};

fn fresh() -> Snapshot {
    let account: AccountId = "111122223333".parse().unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    Snapshot::unread(account, Partition::named("aws"), Timestamp::UNIX_EPOCH, [region])
}

fn with_vpn_gateway(state: &str) -> Snapshot {
    let mut snapshot = fresh();
    let ec2 = &mut snapshot.regions.values_mut().next().unwrap().ec2;
    let attachment = ec2::Attachment { vpc_id: "vpc-1".to_owned(), state: state.to_owned() };
    let gateway = ec2::AttachedGateway {
        id: "vgw-1".to_owned(),
        owner: None,
        attachments: vec![attachment],
        tags: [("Name".to_owned(), "\u{1b}[31m \u{202e} \u{fffd}".to_owned())].into(),
    };
    ec2.vpn_gateways.add([("vgw-1".to_owned(), gateway)]);
    ec2.vpn_gateways.finish();
    snapshot
}

#[test]
fn a_file_gives_back_the_value_and_the_bytes() {
    for snapshot in [fresh(), with_vpn_gateway("attached")] {
        let bytes = snapshot.to_bytes().unwrap();
        let back = Snapshot::from_bytes(&bytes).unwrap();
        assert_eq!(back, snapshot);
        assert_eq!(back.to_bytes().unwrap(), bytes);
    }
}

#[test]
fn a_file_from_before_there_were_other_jobs_reads() {
    let mut old = serde_json::to_value(fresh()).unwrap();
    let sagemaker = &mut old["regions"]["eu-west-1"]["sagemaker"];
    for kind in ["processing_jobs", "transform_jobs", "tuning_jobs", "automl_jobs"] {
        assert!(sagemaker.as_object_mut().unwrap().remove(kind).is_some(), "{kind}");
    }
    sagemaker["bookmarks"] = serde_json::json!({
        "training_jobs": {"cursor": "page-2"},
        "models": {},
        "history": {"watermark": "2026-09-14T06:00:00Z", "past": {"job": "2026-09-01T06:00:00Z"}},
    });
    let read = Snapshot::from_bytes(&zstd::encode_all(old.to_string().as_bytes(), 1).unwrap()).unwrap();
    let sagemaker = &read.regions.values().next().unwrap().sagemaker;
    let gaps = [sagemaker.processing_jobs.gap(), sagemaker.tuning_jobs.gap(), sagemaker.automl_jobs.gap()];
    assert!(gaps.iter().all(|gap| gap.is_some_and(plumbline_snapshot::Gap::is_open)), "{gaps:?}");
    assert!(sagemaker.bookmarks.models.is_some() && sagemaker.bookmarks.training_jobs.is_blank());
}

#[test]
fn a_fresh_snapshot_consists_of_gaps() {
    let snapshot = fresh();
    let regional = snapshot.regions.values().next().unwrap();
    assert!(regional.ec2.vpcs.all().is_err());
    assert!(regional.ec2.vpcs.get("vpc-1").is_err());
    assert!(snapshot.iam.roles.all().is_err());
    assert!(snapshot.s3.account_public_access_block.sight().is_err());
}

#[test]
fn what_is_no_snapshot_is_refused_by_name() {
    let whole = fresh().to_bytes().unwrap();
    for cut in [&whole[..0], &whole[..10], &whole[..whole.len() - 1], b"PK\x03\x04", b"{}"] {
        assert!(Snapshot::from_bytes(cut).is_err());
    }
    let newer = serde_json::to_string(&fresh()).unwrap().replace(SCHEMA, "plumbline.snapshot/2");
    let error = Snapshot::from_bytes(&zstd::encode_all(newer.as_bytes(), 1).unwrap()).unwrap_err();
    assert!(matches!(&error, FileError::Schema { found, .. } if found == "plumbline.snapshot/2"), "{error}");
    let deep = "[".repeat(200_000);
    assert!(Snapshot::from_bytes(&zstd::encode_all(deep.as_bytes(), 1).unwrap()).is_err());
}

#[test]
fn a_diff_names_the_resource_and_the_field() {
    assert_eq!(changes(&fresh(), &fresh()).unwrap(), []);
    let found = changes(&with_vpn_gateway("attached"), &with_vpn_gateway("detached")).unwrap();
    assert_eq!(found.len(), 2, "{found:#?}");
    for change in &found {
        assert_eq!(change.listing, "eu-west-1.ec2.vpn_gateways");
        assert_eq!(change.id.as_deref(), Some("vgw-1"));
        assert_eq!(change.field.as_deref(), Some("attachments"));
    }
    let came = changes(&fresh(), &with_vpn_gateway("attached")).unwrap();
    let gateway = came.iter().find(|change| change.id.is_some()).unwrap();
    assert_eq!((gateway.field.as_deref(), gateway.before.as_deref()), (None, None));
    let closed = came.iter().find(|change| change.id.is_none()).unwrap();
    assert_eq!(closed.listing, "eu-west-1.ec2.vpn_gateways.gap");
}

/// With one pipeline, listed before or not yet confirmed, and a lifecycle configuration of this hash.
fn with_software(hash: &str, confirmed: bool) -> Snapshot {
    let mut snapshot = fresh();
    let sagemaker = &mut snapshot.regions.values_mut().next().unwrap().sagemaker;
    let config = LifecycleConfig { modified: None, sha256: hash.to_owned() };
    sagemaker.lifecycle_configs.insert("lc".to_owned(), Read::Seen(Some(config)));
    let pipelines = sagemaker.counted.entries_mut().find(|(listing, _)| listing.kind == "pipelines").unwrap().1;
    let pipeline = Counted { name: "p".to_owned(), arn: None, status: None, created: None };
    if confirmed {
        pipelines.add([("p".to_owned(), pipeline)]);
    } else {
        pipelines.expect([("p".to_owned(), pipeline)]);
    }
    snapshot
}

#[test]
fn a_diff_names_what_is_referred_to_and_what_is_counted_and_no_more() {
    let found = changes(&with_software("a", true), &with_software("b", true)).unwrap();
    let [change] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((change.listing.as_str(), change.id.as_deref()), ("eu-west-1.sagemaker", Some("lc")));
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("a"), Some("b")));
    let found = changes(&with_software("a", true), &with_software("a", false)).unwrap();
    let [change] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((change.listing.as_str(), change.id.as_deref()), ("eu-west-1.sagemaker.counted.pipelines", Some("p")));
}
