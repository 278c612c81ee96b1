//! LOG-01: a multi-Region trail records all management events and is logging now.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_snapshot::cloudtrail::{self, Trail, TrailStatus};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::trails::{Events, KMS, SOURCES, all_events, management_events, there};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&cloudtrail::TRAILS, &cloudtrail::TRAIL_STATUS, &cloudtrail::EVENT_SELECTORS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "LOG-01",
    name: "trail-management-events",
    title: "A multi-Region trail records all management events, reads and writes, and is logging now.",
    area: Area::Logs,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "env",
    rationale: "Without the trail nobody can tell who changed the environment, or read what is in it.",
    decided: "What sound trails record is added up: trails of all Regions with global service events that log now and delivered in time, or started so lately that nothing is due. Together they must record reads and writes of every source. Event history and event data stores are not trails.",
    remediation: "Start logging with StartLogging, or create a multi-Region trail of all management events.",
    maps: Maps { securityhub: &["CloudTrail.1"], cis: &["3.1"], nist: &["AU-2", "AU-12"] },
};

/// What one trail lacks, and what it records or may record.
struct Look<'a> {
    trail: &'a Trail,
    /// Why it does not count, each with its field; none of a sound trail.
    lacks: Vec<(String, Evidence)>,
    /// What was not seen of it.
    unknown: Vec<Unknown<'a>>,
    /// What its selectors leave out, in words; empty if nothing, or if they were not seen.
    leaves_out: String,
    /// What it records for certain, and what it records if nothing that was not seen is in the way.
    records: Events,
    may_record: Events,
    /// Nothing was delivered yet, and nothing is due.
    pending: bool,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let subject = place.subject(place.resource(), None);
    vec![judge::subject(&INFO, subject, |say| look(world, place, say))]
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let trails = world.trails(place);
    let mut looks: Vec<Look<'a>> = trails.items.iter().map(|trail| inspect(world, place, trail)).collect();
    // The best trail first: it is the one to mend.
    looks.sort_by_key(|look| (look.lacks.len(), all_events().len() - look.records.len()));
    let sure: Events = looks.iter().flat_map(|look| &look.records).copied().collect();
    let possible: Events = looks.iter().flat_map(|look| &look.may_record).copied().collect();
    if sure == all_events() {
        for used in looks.iter().filter(|look| !look.records.is_empty()) {
            say.fact(selectors(used, "All"));
            if used.pending {
                say.fact(delivery(used.trail, "first_delivery_pending", "a delivery, or a start, in time"));
            }
        }
        trails.all()?;
        return Ok(());
    }
    // Another trail among those that were not listed might record the rest.
    trails.all()?;
    if possible == all_events() {
        looks.into_iter().flat_map(|look| look.unknown).for_each(|unknown| say.unknown(unknown));
        return Ok(());
    }
    if place.environments.iter().any(|environment| environment.accept_event_data_store) {
        return Err(Unknown::Because(
            Reason::NotRead,
            "no trail records all management events, and event data stores, which the baseline accepts, are not read"
                .to_owned(),
        ));
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut sentences: Vec<String> = Vec::new();
    for look in &looks {
        let name = &look.trail.name;
        let mut lacks: Vec<&str> = look.lacks.iter().map(|(lack, _)| lack.as_str()).collect();
        evidence.extend(look.lacks.iter().map(|(_, evidence)| evidence.clone()));
        if !look.leaves_out.is_empty() {
            lacks.push(&look.leaves_out);
            evidence.push(selectors(look, &look.leaves_out));
        }
        if !lacks.is_empty() {
            sentences.push(format!("`{name}` {}", lacks.join(", ")));
        }
    }
    if looks.is_empty() {
        evidence.push(field(&cloudtrail::TRAILS, "trailList", "no trail", "a multi-Region trail that logs"));
        sentences.push("there is none".to_owned());
    }
    // What a trail that was not seen may record is no certain violation.
    let severity = if only_kms(&possible) { Severity::Medium } else { Severity::High };
    say.broken_as(severity, format!("no trail records all management events: {}", few("; ", &sentences)), evidence);
    Ok(())
}

/// Whether nothing but events of KMS is missing.
fn only_kms(records: &Events) -> bool {
    all_events().difference(records).all(|(source, _)| *source == KMS)
}

fn inspect<'a>(world: &World<'a>, place: &Place<'a>, trail: &'a Trail) -> Look<'a> {
    let mut look = Look {
        trail,
        lacks: Vec::new(),
        unknown: Vec::new(),
        leaves_out: String::new(),
        records: Events::new(),
        may_record: Events::new(),
        pending: false,
    };
    for (on, name, lack) in [
        (trail.is_multi_region, "IsMultiRegionTrail", "records one Region alone"),
        (trail.includes_global_events, "IncludeGlobalServiceEvents", "leaves out global services"),
    ] {
        if !on {
            let evidence = field(&cloudtrail::TRAILS, format!("{}.{name}", trail.name), "false", "true");
            look.lacks.push((lack.to_owned(), evidence));
        }
    }
    match there(&trail.status, trail) {
        Ok(Some(status)) => delivers(world, place, status, &mut look),
        Ok(None) => {
            let evidence = field(&cloudtrail::TRAIL_STATUS, &trail.name, "no such trail", "a trail");
            look.lacks.push(("is gone".to_owned(), evidence));
        }
        Err(unknown) => look.unknown.push(unknown),
    }
    let recorded = match there(&trail.selectors, trail) {
        Ok(selectors) => {
            let recorded = selectors.map(management_events).unwrap_or_default();
            look.leaves_out = missing(&recorded);
            recorded
        }
        Err(unknown) => {
            look.unknown.push(unknown);
            all_events()
        }
    };
    if look.lacks.is_empty() {
        if look.unknown.is_empty() {
            look.records.clone_from(&recorded);
        }
        look.may_record = recorded;
    }
    look
}

/// Whether a trail logs now and delivers in time.
fn delivers<'a>(world: &World<'a>, place: &Place<'a>, status: &TrailStatus, look: &mut Look<'a>) {
    let trail = look.trail;
    let mut lacks = |path: &str, lack: &str, saw: String, wanted: String| {
        look.lacks
            .push((lack.to_owned(), field(&cloudtrail::TRAIL_STATUS, format!("{}.{path}", trail.name), saw, wanted)));
    };
    if !status.is_logging {
        let saw = status.stopped_logging.map_or("false".to_owned(), |when| format!("false, stopped at {when}"));
        lacks("IsLogging", "is not logging", saw, "true".to_owned());
        return;
    }
    if let Some(error) = status.latest_delivery_error.as_ref().filter(|error| !error.is_empty()) {
        lacks("LatestDeliveryError", "fails to deliver", error.clone(), "none".to_owned());
    }
    let hours =
        place.environments.iter().map(|environment| environment.trail_max_delivery_age_hours).min().unwrap_or(24);
    let limit = SignedDuration::from_hours(i64::from(hours));
    let lately = |when: jiff::Timestamp| world.now().duration_since(when) <= limit;
    let wanted = format!("within {hours} hours");
    match (status.latest_delivery, status.started_logging) {
        (Some(when), _) if lately(when) => {}
        (Some(when), _) => {
            lacks("LatestDeliveryTime", "has not delivered in time", when.to_string(), wanted);
        }
        (None, Some(when)) if lately(when) => look.pending = true,
        (None, started) => {
            let started = started.map_or("no start".to_owned(), |when| format!("started at {when}"));
            lacks("LatestDeliveryTime", "has never delivered", format!("none, {started}"), wanted);
        }
    }
}

/// What is missing of all management events, in words; empty if nothing is.
fn missing(records: &Events) -> String {
    let gone: Events = all_events().difference(records).copied().collect();
    let half = |writes: bool| SOURCES.iter().all(|source| gone.contains(&(source, writes)));
    if gone.is_empty() {
        String::new()
    } else if half(true) && half(false) {
        "records no management events".to_owned()
    } else if half(true) || half(false) {
        format!("leaves out {}", if half(true) { "writes" } else { "reads" })
    } else {
        let sources: BTreeSet<&str> = gone.iter().map(|(source, _)| *source).collect();
        format!("leaves out {}", sources.into_iter().collect::<Vec<_>>().join(", "))
    }
}

fn selectors(look: &Look<'_>, saw: &str) -> Evidence {
    field(
        &cloudtrail::EVENT_SELECTORS,
        format!("{}.EventSelectors", look.trail.name),
        saw,
        "management events, ReadWriteType All, no source excluded",
    )
}

fn delivery(trail: &Trail, saw: &str, wanted: &str) -> Evidence {
    field(&cloudtrail::TRAIL_STATUS, format!("{}.LatestDeliveryTime", trail.name), saw, wanted)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::cloudtrail::{self as source, AdvancedSelector, BasicSelector, FieldSelector};
    use plumbline_snapshot::{Gap, Read, Why};
    use plumbline_testkit::cloudtrail::*;
    use plumbline_testkit::{Env, when};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn half(read_write: &str) -> BasicSelector {
        BasicSelector {
            read_write: read_write.to_owned(),
            includes_management: true,
            excluded_sources: Vec::new(),
            data: Vec::new(),
        }
    }

    fn only(env: &mut Env) -> &mut Env {
        env.remove_trail(OTHER_TRAIL)
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn there_is_no_trail() {
        check(
            &CONTROL,
            |env| {
                only(env).remove_trail(TRAIL);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: there is none.
                  cloudtrail:DescribeTrails trailList: saw no trail, wanted a multi-Region trail that logs
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_trail_is_stopped() {
        check(
            &CONTROL,
            |env| {
                env.trail_status(TRAIL, |status| {
                    status.is_logging = false;
                    status.stopped_logging = Some(when("2026-09-14T03:00:00Z"));
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` is not logging; `old-lab` records one Region alone, leaves out global services, is not logging.
                  cloudtrail:GetTrailStatus org-audit.IsLogging: saw false, stopped at 2026-09-14T03:00:00Z, wanted true
                  cloudtrail:DescribeTrails old-lab.IsMultiRegionTrail: saw false, wanted true
                  cloudtrail:DescribeTrails old-lab.IncludeGlobalServiceEvents: saw false, wanted true
                  cloudtrail:GetTrailStatus old-lab.IsLogging: saw false, stopped at 2026-03-01T12:00:00Z, wanted true
            "#]],
        );
    }

    #[test]
    fn one_region_and_no_global_services() {
        check(
            &CONTROL,
            |env| {
                only(env).trail(TRAIL, |trail| {
                    trail.is_multi_region = false;
                    trail.includes_global_events = false;
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` records one Region alone, leaves out global services.
                  cloudtrail:DescribeTrails org-audit.IsMultiRegionTrail: saw false, wanted true
                  cloudtrail:DescribeTrails org-audit.IncludeGlobalServiceEvents: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn delivery_fails() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_status(TRAIL, |status| {
                    status.latest_delivery_error = Some("AccessDenied".to_owned());
                    status.latest_delivery = Some(when("2026-09-12T05:52:00Z"));
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` fails to deliver, has not delivered in time.
                  cloudtrail:GetTrailStatus org-audit.LatestDeliveryError: saw AccessDenied, wanted none
                  cloudtrail:GetTrailStatus org-audit.LatestDeliveryTime: saw 2026-09-12T05:52:00Z, wanted within 24 hours
            "#]],
        );
    }

    #[test]
    fn nothing_was_delivered_yet_and_nothing_is_due() {
        check(
            &CONTROL,
            |env| {
                env.trail_status(TRAIL, |status| {
                    status.latest_delivery = None;
                    status.started_logging = Some(when("2026-09-14T05:50:00Z"));
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn nothing_was_ever_delivered() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_status(TRAIL, |status| status.latest_delivery = None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` has never delivered.
                  cloudtrail:GetTrailStatus org-audit.LatestDeliveryTime: saw none, started at 2026-02-01T08:00:00Z, wanted within 24 hours
            "#]],
        );
    }

    #[test]
    fn pass_trap_basic_selectors_without_management_events() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_selectors(TRAIL, |selectors| selectors.basic[0].includes_management = false);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` records no management events.
                  cloudtrail:GetEventSelectors org-audit.EventSelectors: saw records no management events, wanted management events, ReadWriteType All, no source excluded
            "#]],
        );
    }

    #[test]
    fn pass_trap_advanced_selectors_with_data_alone() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_selectors(TRAIL, |selectors| {
                    let equals = |field: &str, value: &str| FieldSelector {
                        field: field.to_owned(),
                        equals: vec![value.to_owned()],
                        ..FieldSelector::default()
                    };
                    selectors.basic.clear();
                    selectors.advanced.push(AdvancedSelector {
                        name: None,
                        fields: vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")],
                    });
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` records no management events.
                  cloudtrail:GetEventSelectors org-audit.EventSelectors: saw records no management events, wanted management events, ReadWriteType All, no source excluded
            "#]],
        );
    }

    #[test]
    fn reads_alone() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_selectors(TRAIL, |selectors| selectors.basic = vec![half("ReadOnly")]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` leaves out writes.
                  cloudtrail:GetEventSelectors org-audit.EventSelectors: saw leaves out writes, wanted management events, ReadWriteType All, no source excluded
            "#]],
        );
    }

    #[test]
    fn pass_trap_two_half_selectors_add_up() {
        check(
            &CONTROL,
            |env| {
                only(env)
                    .trail_selectors(TRAIL, |selectors| selectors.basic = vec![half("ReadOnly"), half("WriteOnly")]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn two_half_trails_add_up() {
        check(
            &CONTROL,
            |env| {
                let second = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/second";
                only(env)
                    .add_trail(plain_trail(second))
                    .trail_selectors(second, |selectors| selectors.basic = vec![half("WriteOnly")])
                    .trail_selectors(TRAIL, |selectors| selectors.basic = vec![half("ReadOnly")]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_source_is_left_out() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_selectors(TRAIL, |selectors| {
                    selectors.basic[0].excluded_sources = vec!["sagemaker.amazonaws.com".to_owned()];
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` leaves out sagemaker.amazonaws.com.
                  cloudtrail:GetEventSelectors org-audit.EventSelectors: saw leaves out sagemaker.amazonaws.com, wanted management events, ReadWriteType All, no source excluded
            "#]],
        );
    }

    #[test]
    fn kms_alone_is_left_out() {
        check(
            &CONTROL,
            |env| {
                only(env).trail_selectors(TRAIL, |selectors| {
                    selectors.basic[0].excluded_sources = vec!["kms.amazonaws.com".to_owned()];
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: No trail records all management events: `org-audit` leaves out kms.amazonaws.com.
                  cloudtrail:GetEventSelectors org-audit.EventSelectors: saw leaves out kms.amazonaws.com, wanted management events, ReadWriteType All, no source excluded
            "#]],
        );
    }

    fn organization(env: &mut Env) {
        let denied = |source| Gap::of(source, Why::Denied, "AccessDeniedException").about(TRAIL);
        only(env).trail(TRAIL, |trail| {
            trail.is_organization = true;
            trail.status = Read::Gap(denied(&source::TRAIL_STATUS));
            trail.selectors = Read::Gap(denied(&source::EVENT_SELECTORS));
        });
    }

    #[test]
    fn fail_trap_the_organizations_trail_that_this_account_may_not_see() {
        check(
            &CONTROL,
            organization,
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 111122223333: cloudtrail:GetTrailStatus of the organization trail `arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-audit` is denied to this account.
            "#]],
        );
    }

    #[test]
    fn a_trail_that_certainly_does_not_count_needs_no_status() {
        check(
            &CONTROL,
            |env| {
                organization(env);
                env.trail(TRAIL, |trail| trail.is_multi_region = false);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: No trail records all management events: `org-audit` records one Region alone.
                  cloudtrail:DescribeTrails org-audit.IsMultiRegionTrail: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn kms_may_be_recorded_by_a_trail_that_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                organization(env);
                let second = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/second";
                env.add_trail(plain_trail(second)).trail_selectors(second, |selectors| {
                    selectors.basic[0].excluded_sources = vec!["kms.amazonaws.com".to_owned()];
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 111122223333: cloudtrail:GetTrailStatus of the organization trail `arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-audit` is denied to this account.
            "#]],
        );
    }

    #[test]
    fn fail_trap_an_event_data_store_that_the_baseline_accepts() {
        check(
            &CONTROL,
            |env| {
                only(env).remove_trail(TRAIL).add_to_baseline("accept_event_data_store: true");
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read HIGH fraud-dev 111122223333: No trail records all management events, and event data stores, which the baseline accepts, are not read.
            "#]],
        );
    }

    #[test]
    fn a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                only(env).remove_trail(TRAIL).cut(&source::TRAILS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: cloudtrail:DescribeTrails was not seen: truncated, InternalFailure: status 500 on page 2.
                  cloudtrail:DescribeTrails not seen: truncated
            "#]],
        );
    }
}
