//! Every mistake of a file with the message that people get.

use expect_test::{Expect, expect};
use jiff::civil::date;
use plumbline_findings::{Area, ControlInfo, Maps, Origin, Severity};

use super::{BaselineError, LoadContext, load};

fn info(id: &'static str, scope: &'static str) -> ControlInfo {
    ControlInfo {
        id,
        name: "",
        title: "",
        area: Area::Network,
        severity: Severity::High,
        origin: Origin::Seed,
        scope,
        rationale: "",
        decided: "",
        remediation: "",
        maps: Maps { securityhub: &[], cis: &[], nist: &[] },
    }
}

pub(super) fn error_of(text: &str) -> BaselineError {
    let infos = [info("NET-01", "env"), info("NET-09", "subnet"), info("LOG-06", "env")];
    let controls: Vec<&ControlInfo> = infos.iter().collect();
    let context = LoadContext { today: date(2026, 8, 1), controls: &controls };
    load(text, "b.yaml", &context).expect_err("must not load")
}

#[track_caller]
fn wrong(text: &str, expected: Expect) {
    expected.assert_eq(&error_of(text).to_string());
}

/// Several files, and what is wrong with each.
#[track_caller]
pub(super) fn all_wrong(texts: impl IntoIterator<Item = String>, expected: Expect) {
    let errors: Vec<String> = texts.into_iter().map(|text| error_of(&text).to_string()).collect();
    expected.assert_eq(&errors.join("\n"));
}

/// A file whose only environment has these lines, indented by four.
#[track_caller]
fn wrong_in_environment(lines: &str, expected: Expect) {
    wrong(&file_with(lines), expected);
}

pub(super) fn file_with(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("version: 1\naccount_id: '111122223333'\nenvironments:\n  - name: dev\n    region: eu-west-1\n{lines}")
}

/// A file with one good environment, and these lines at the top level.
#[track_caller]
fn wrong_at_top(lines: &str, expected: Expect) {
    wrong(&format!("{}{lines}", file_with("")), expected);
}

#[test]
fn the_least_file_loads() {
    assert!(load(&file_with(""), "b.yaml", &LoadContext::on(date(2026, 8, 1))).is_ok());
}

#[test]
fn no_file_at_all() {
    all_wrong(
        ["", "# nothing\n", "---\n"].map(str::to_owned),
        expect![[r#"
        b.yaml:1:1: the file is empty
        b.yaml:1:1: the file is empty
        b.yaml:1:1: the file is empty"#]],
    );
    wrong("- a\n", expect!["b.yaml:1:1: expected a map, found a list"]);
    wrong("just words\n", expect!["b.yaml:1:1: expected a map, found `just words`"]);
}

#[test]
fn not_yaml() {
    wrong(
        "version: 1\n  account_id: [\n",
        expect!["b.yaml:2:13: not valid YAML: mapping values are not allowed in this context"],
    );
    wrong("version: 1\n---\nversion: 1\n", expect!["b.yaml:2:1: expected one YAML document, found another"]);
    wrong("version: *nobody\n", expect!["b.yaml:1:10: not valid YAML: reference to unknown value"]);
    wrong("version: !secret 1\n", expect!["b.yaml:1:18: not valid YAML: unsupported tag `!secret`"]);
    wrong("a: \"\u{0}\"\n", expect![[r#"b.yaml:1:5: not valid YAML: unexpected character: `\u{0}'"#]]);
    wrong("? [a, b]\n: 1\n", expect!["b.yaml:1:3: expected text as a key"]);
}

#[test]
fn the_top_level() {
    wrong(
        "defaults: {}\n",
        expect![[r#"
        b.yaml:1:1: `account_id` is missing: expected twelve digits, quoted
        b.yaml:1:1: `environments` is missing: expected a list of at least one environment
        b.yaml:1:1: `version` is missing: expected `version: 1`"#]],
    );
    wrong(
        "version: 2\naccount_id: '111122223333'\nenvironments: []\n",
        expect![[r#"
        b.yaml:1:10: `version`: expected `1`, found the number `2`
        b.yaml:3:15: `environments`: expected at least one environment"#]],
    );
    wrong(
        "version: one\naccount_id: 111122223333\nenvironments: {}\ndefaults: []\n",
        expect![[r#"
        b.yaml:1:10: `version`: expected a whole number, found `one`
        b.yaml:2:13: `account_id`: expected text, found the number `111122223333`: quote it
        b.yaml:3:15: `environments`: expected a list, found a map
        b.yaml:4:11: `defaults`: expected a map, found a list"#]],
    );
    wrong(
        "version: 1\naccount_id: '11112222333'\nenvironments: [1]\nexcptions: []\n",
        expect![[r#"
        b.yaml:2:13: `account_id`: `11112222333` is not an account id: expected twelve digits
        b.yaml:3:16: expected an environment, found the number `1`
        b.yaml:4:1: unknown key `excptions`: did you mean `exceptions`?"#]],
    );
}

#[test]
fn keys_that_are_not_known() {
    wrong_in_environment("vcp: {id: vpc-1}", expect!["b.yaml:6:5: unknown key `vcp`: did you mean `vpc`?"]);
    wrong_in_environment(
        "Min_AZs: 3\ncolour: red",
        expect![[r#"
        b.yaml:6:5: unknown key `Min_AZs`: did you mean `min_azs`?
        b.yaml:7:5: unknown key `colour`"#]],
    );
    wrong_in_environment(
        "vpc: {idz: vpc-1}\nroles: {data_scientst: {}}",
        expect![[r#"
        b.yaml:6:11: unknown key `idz`: did you mean `id`?
        b.yaml:7:13: unknown key `data_scientst`: did you mean `data_scientist`?"#]],
    );
    wrong_in_environment("(account): '444455556666'", expect!["b.yaml:6:5: unknown key `(account)`"]);
    wrong_in_environment(
        "roles:\n  data_scientist:\n    bnd: {arns: []}\n    skip: true",
        expect![[r#"
        b.yaml:8:9: unknown key `bnd`: did you mean `bind`?
        b.yaml:9:9: unknown key `skip`: expected `bind`, `not_used`, `trusted_principals`, `boundary_arns`, `skip_must_have` or `reference_policy`"#]],
    );
}

#[test]
fn keys_that_stand_twice() {
    wrong_in_environment(
        "min_azs: 2\nmin_azs: 3\nvpc: {id: vpc-1, id: vpc-2}",
        expect![[r#"
        b.yaml:7:5: key `min_azs` stands twice: first in line 6, column 5
        b.yaml:8:22: key `id` stands twice: first in line 8, column 11"#]],
    );
}

#[test]
fn values_of_the_wrong_type() {
    wrong_in_environment("min_azs: three", expect!["b.yaml:6:14: `min_azs`: expected a whole number, found `three`"]);
    wrong_in_environment(
        "min_azs: -1\nassume_depth: 1.5\nlog_grace_minutes: 99999999999",
        expect![[r#"
        b.yaml:6:14: `min_azs`: expected a whole number, found a number that is not whole or is negative
        b.yaml:7:19: `assume_depth`: expected a whole number, found a number that is not whole or is negative
        b.yaml:8:24: `log_grace_minutes`: expected a number up to `4294967295`, found `99999999999`"#]],
    );
    wrong_in_environment(
        "allow_ipv6: yes\ninclude_beyond: 1",
        expect![[r#"
        b.yaml:6:17: `allow_ipv6`: expected `true` or `false`, found `yes`
        b.yaml:7:21: `include_beyond`: expected `true` or `false`, found the number `1`"#]],
    );
    wrong_in_environment(
        "allowed_peers:\naccess_vpcs: vpc-1\nvpc:",
        expect![[r#"
        b.yaml:6:18: `allowed_peers`: expected a list, found nothing: an empty list is `[]`
        b.yaml:7:18: `access_vpcs`: expected a list, found `vpc-1`
        b.yaml:8:8: `vpc`: expected a value, found nothing"#]],
    );
    wrong_in_environment(
        "org_id: 12\nallowed_accounts: [111122223333, '1']\nvpc: vpc-1",
        expect![[r#"
        b.yaml:6:13: `org_id`: expected text, found the number `12`: quote it
        b.yaml:7:24: `allowed_accounts[0]`: expected text, found the number `111122223333`: quote it
        b.yaml:7:38: `allowed_accounts[1]`: `1` is not an account id: expected twelve digits
        b.yaml:8:10: `vpc`: expected a map, found `vpc-1`"#]],
    );
    wrong_in_environment(
        "nacl_mode: strikt\nunselected: maybe",
        expect![[r#"
        b.yaml:6:16: `nacl_mode`: unknown value `strikt`: did you mean `strict`? expected `off`, `admin_ports` or `strict`
        b.yaml:7:17: `unselected`: unknown value `maybe`: expected `audit`, `report` or `ignore`"#]],
    );
    wrong_in_environment(
        "vpc: {tags: {Tier: 1}}\nsubnets: [subnet-1]",
        expect![[r#"
        b.yaml:6:24: `vpc.tags.Tier`: expected text, found the number `1`: quote it
        b.yaml:7:14: `subnets`: expected a map, found a list"#]],
    );
}

#[test]
fn parts_that_are_missing() {
    wrong_in_environment(
        "data_buckets:\n  - {name: a}\n  - {kind: data}",
        expect![[r#"
        b.yaml:7:9: `kind` is missing in `data_buckets[0]`
        b.yaml:8:9: `data_buckets[1]`: expected either `name` or `tags`"#]],
    );
    wrong_in_environment(
        "kms_keys:\n  - {name: k, uses: [s3]}\n  - {name: l, alias: alias/l, arn: x}",
        expect![[r#"
        b.yaml:7:9: `kms_keys[0]`: key `k`: expected exactly one of `arn`, `alias`, `alias_pattern` and `tags`
        b.yaml:8:40: `kms_keys[1].arn`: `x` is not an arn: expected `arn:partition:service:region:account:resource`"#]],
    );
    wrong_in_environment(
        "accepted_kinds: [{kind: pipelines}]",
        expect!["b.yaml:6:22: `reason` is missing in `accepted_kinds[0]`"],
    );
    wrong(
        "version: 1\naccount_id: '111122223333'\nenvironments:\n  - min_azs: 2\n  - {name: x, region: 3}\n",
        expect![[r#"
            b.yaml:4:5: `name` is missing: every environment needs one
            b.yaml:4:5: `region` is missing: every environment needs one
            b.yaml:5:23: `region`: expected text, found the number `3`: quote it"#]],
    );
}

#[test]
fn a_wrong_part_is_reported_once() {
    wrong_in_environment(
        "kms_keys:\n  - {name: k, alias: 5, uses: [s3]}\n  - {name: l, alias: alias/l, uses: [s4]}",
        expect![[r#"
            b.yaml:7:26: `kms_keys[0].alias`: expected text, found the number `5`: quote it
            b.yaml:8:42: `kms_keys[1].uses[0]`: unknown value `s4`: did you mean `s3`? expected `s3`, `volume`, `output`, `studio`, `code` or `logs`"#]],
    );
}

#[test]
fn selectors() {
    wrong_in_environment(
        "subnets: {}\nvpc: {owner_account: '111122223333'}",
        expect![[r#"
        b.yaml:6:14: `subnets`: an empty selector: expected `ids`, `arns`, `arn_patterns`, `names` or `tags`
        b.yaml:7:10: `vpc`: an empty selector: expected `id`, `ids` or `tags`"#]],
    );
    wrong_in_environment(
        "roles: {data_scientist: {bind: {arns: ['arn:aws:iam::1:role/*']}}}",
        expect![
            "b.yaml:6:36: `roles.data_scientist.bind`: `arn:aws:iam::1:role/*` has a wildcard: put it under `arn_patterns`"
        ],
    );
    wrong_in_environment(
        "roles: {data_scientist: {bind: {arn: role/x}, not_used: {reason: ' '}}}",
        expect![
            "b.yaml:6:42: `roles.data_scientist.bind.arn`: `role/x` is not an arn: expected `arn:partition:service:region:account:resource`"
        ],
    );
    wrong_in_environment(
        "roles: {data_scientist: {bind: {names: [x]}, not_used: {reason: y}}}",
        expect!["b.yaml:6:29: `roles.data_scientist`: expected either `bind` or `not_used`"],
    );
    wrong_in_environment(
        "selection:\n  exclude:\n    - {reason: r, owner: o, expires: 2027-01-01}",
        expect!["b.yaml:8:11: `selection.exclude[0]`: expected either `arn` or `arn_pattern`"],
    );
}

#[test]
fn keys_and_buckets() {
    wrong_in_environment(
        "kms_keys:\n  - {name: data, alias: alias/a, uses: [s3]}\n  - {name: data, alias: b, uses: [s3]}\n\
         data_buckets:\n  - {name: a, kind: data, kms_key: dta}",
        expect!["b.yaml:8:9: `kms_keys[1]`: key `data`: expected an alias that begins with `alias/`"],
    );
    wrong_in_environment(
        "kms_keys:\n  - {name: data, alias: alias/a, uses: [s3]}\n  - {name: data, alias: alias/b, uses: [s3]}\n\
         data_buckets:\n  - {name: a, kind: data, kms_key: dta}\n  - {name: a, kind: model}\n  - {name: b, kind: lake}",
        expect!["b.yaml:12:25: `data_buckets[2].kind`: unknown value `lake`: expected `data_lake`, `data` or `model`"],
    );
    wrong_in_environment(
        "kms_keys:\n  - {name: data, alias: alias/a, uses: [s3]}\n  - {name: data, alias: alias/b, uses: [s3]}\n\
         data_buckets:\n  - {name: a, kind: data, kms_key: dta}\n  - {name: a, kind: model}",
        expect![[r#"
            b.yaml:8:16: `kms_keys[1].name`: key `data` stands twice
            b.yaml:10:40: `data_buckets[0].kms_key`: no entry of `kms_keys` has the name `dta`: did you mean `data`?
            b.yaml:11:16: `data_buckets[1].name`: bucket `a` stands twice"#]],
    );
}

#[test]
fn traffic_and_networks() {
    wrong_in_environment(
        "allowed_egress:\n  - {source: sg-1, protocol: tcp, ports: [80]}",
        expect!["b.yaml:7:10: unknown key `source`: expected `destination`, `protocol` or `ports`"],
    );
    wrong_in_environment(
        "allowed_ingress:\n  - {source: 10.0.0.0/33, protocol: tcp, ports: [80]}\n  - {source: sg-1, protocol: tcp}\n\
         \u{20} - {source: sg-1, protocol: -1}\n  - {source: pl-1, protocol: tcp, ports: [70000, 9-1, x, '1-2']}",
        expect![[r#"
            b.yaml:7:18: `allowed_ingress[0].source`: expected a network such as `10.9.0.0/16`, a prefix list `pl-…` or a group `sg-…`, found `10.0.0.0/33`
            b.yaml:9:34: `allowed_ingress[2].protocol`: expected text, found a number that is not whole or is negative: quote it
            b.yaml:10:47: `allowed_ingress[3].ports[0]`: expected a port (0 to 65535) or a range such as `1024-65535`, found `70000`
            b.yaml:10:54: `allowed_ingress[3].ports[1]`: expected a port (0 to 65535) or a range such as `1024-65535`, found `9-1`
            b.yaml:10:59: `allowed_ingress[3].ports[2]`: expected a port (0 to 65535) or a range such as `1024-65535`, found `x`"#]],
    );
    wrong_in_environment(
        "allowed_egress:\n  - {destination: sg-1, protocol: udp}\n  - {destination: sg-1, protocol: icmp, ports: [1]}",
        expect![[r#"
            b.yaml:7:9: `allowed_egress[0]`: `ports` is missing: `udp` needs it
            b.yaml:8:52: `allowed_egress[1].ports`: `icmp` has no ports"#]],
    );
    wrong_in_environment(
        "access_cidrs: [198.51.100.7, 198.51.100.7/24]",
        expect![[r#"
        b.yaml:6:20: `access_cidrs[0]`: expected a network such as `10.9.0.0/16`, found `198.51.100.7`
        b.yaml:6:34: `access_cidrs[1]`: `198.51.100.7/24` has address bits outside its prefix: expected `198.51.100.0/24`"#]],
    );
    wrong_in_environment(
        "allowed_route_targets: [{target: pcx-1, cidrs: [10.9.1.0/16]}]",
        expect![
            "b.yaml:6:53: `allowed_route_targets[0].cidrs[0]`: `10.9.1.0/16` has address bits outside its prefix: expected `10.9.0.0/16`"
        ],
    );
    wrong_in_environment(
        "required_endpoints:\n  - {service: s, type: Interface, required: always}\n  - {service: s, type: Interface, required: never}\n\
         \u{20} - {service: s, type: interface, required: allways}",
        expect![[r#"
            b.yaml:9:28: `required_endpoints[2].type`: unknown value `interface`: did you mean `Interface`? expected `Interface` or `Gateway`
            b.yaml:9:49: `required_endpoints[2].required`: unknown value `allways`: did you mean `always`? expected `always`, `auto` or `never`"#]],
    );
}

#[test]
fn numbers_out_of_range() {
    wrong_in_environment(
        "job_lookback_days: 91\nassume_depth: 0\nmin_azs: 0\nlog_retention_min_days: 400\nlog_retention_max_days: 30",
        expect![[r#"
            b.yaml:6:24: `job_lookback_days`: expected 1 to 90, found `91`
            b.yaml:7:19: `assume_depth`: expected 1 to 3, found `0`
            b.yaml:8:14: `min_azs`: expected at least 1, found `0`
            b.yaml:10:29: `log_retention_max_days`: expected at least 400, found `30`"#]],
    );
    wrong_in_environment(
        "endpoint_extra_ports: [{service: s, port: 70000}]",
        expect!["b.yaml:6:47: `endpoint_extra_ports[0].port`: expected a number up to `65535`, found `70000`"],
    );
}

#[test]
fn names_and_regions() {
    let environment = |name: &str, region: &str| {
        format!("version: 1\naccount_id: '111122223333'\nenvironments:\n  - {{name: {name}, region: {region}}}\n")
    };
    let long = "x".repeat(65);
    let names = ["unassigned", "''", "'a '", "'{env}'", "größe", "7", &long];
    all_wrong(
        names.map(|name| environment(name, "eu-west-1")),
        expect![[r#"
        b.yaml:4:12: `name`: `unassigned` is reserved for resources that no environment selects
        b.yaml:4:12: `name`: expected 1 to 64 characters
        b.yaml:4:12: `name`: expected ASCII letters, digits and signs, without braces
        b.yaml:4:12: `name`: expected ASCII letters, digits and signs, without braces
        b.yaml:4:12: `name`: expected ASCII letters, digits and signs, without braces
        b.yaml:4:12: `name`: expected text, found the number `7`: quote it
        b.yaml:4:12: `name`: expected 1 to 64 characters"#]],
    );
    all_wrong(
        ["eu-west-1a", "'{region}'", "Ireland"].map(|region| environment("dev", region)),
        expect![[r#"
        b.yaml:4:25: `eu-west-1a` is not a region: expected a code such as `eu-west-1`
        b.yaml:4:25: `{region}` is not a region: expected a code such as `eu-west-1`
        b.yaml:4:25: `Ireland` is not a region: expected a code such as `eu-west-1`"#]],
    );
    wrong(
        "version: 1\naccount_id: '111122223333'\ndefaults: {region: eu-west-1}\nenvironments:\n  - name: dev\n  - name: prod\n  - name: dev\n",
        expect!["b.yaml:7:5: environment `dev` stands twice: first in line 5"],
    );
}

#[test]
fn placeholders_that_are_none() {
    wrong_in_environment(
        "boundary_arns: ['arn:aws:iam::{acount}:policy/x']\naccess_vpcs: ['${env}', '{x}']",
        expect![[r#"
            b.yaml:6:21: unknown placeholder `{acount}`: did you mean `{account}`?
            b.yaml:7:19: unknown placeholder `${env}`: placeholders have no `$`
            b.yaml:7:29: unknown placeholder `{x}`: expected `{region}`, `{account}`, `{partition}` or `{env}`"#]],
    );
}

#[test]
fn arns_of_another_partition() {
    wrong_in_environment(
        "boundary_arns: ['arn:aws-cn:iam::{account}:policy/x']\nadmin_principals: ['arn:aws-us-gov:iam::*', 'arn:*:iam::*', arn:aws:iam]",
        expect![[r#"
            b.yaml:6:21: `arn:aws-cn:iam::111122223333:policy/x` is of partition `aws-cn`: the environment is in `aws`
            b.yaml:7:24: `arn:aws-us-gov:iam::*` is of partition `aws-us-gov`: the environment is in `aws`
            b.yaml:7:65: `arn:aws:iam` is not an arn: expected `arn:partition:service:region:account:resource`"#]],
    );
}

#[test]
fn the_same_literal_in_two_environments() {
    wrong(
        "version: 1\naccount_id: '111122223333'\n\
         defaults:\n  vpc: {id: vpc-1}\n  admin_principals: ['arn:aws:iam::{account}:role/a']\n\
         environments:\n  - name: dev\n    region: eu-west-1\n    subnets: {ids: [subnet-1]}\n\
         \u{20}   roles: {data_scientist: {bind: {arns: ['arn:aws:iam::{account}:role/x']}}, endpoint_hosting: {bind: {arn: 'arn:aws:iam::{account}:role/x'}}}\n\
         \u{20} - name: prod\n    region: eu-west-1\n    subnets: {id: subnet-1}\n\
         \u{20}   roles: {notebook_creation: {bind: {arns: ['arn:aws:iam::{account}:role/x']}}}\n",
        expect![[r#"
            b.yaml:4:13: `vpc-1` is in two environments: `dev` (line 4) and `prod`
            b.yaml:13:19: `subnet-1` is in two environments: `dev` (line 9) and `prod`
            b.yaml:14:47: `arn:aws:iam::111122223333:role/x` is in two environments: `dev` (line 10) and `prod`"#]],
    );
}

#[test]
fn references_are_relative() {
    wrong_in_environment(
        "boundary_reference_policy: /etc/x.json\nendpoint_reference_policies: [{service: s, policy: 's3://b/x.json'}]\n\
         roles: {endpoint_hosting: {reference_policy: [a.json, '']}, endpoint_creation: {reference_policy: {}}}",
        expect![
            "b.yaml:8:103: `roles.endpoint_creation.reference_policy`: expected a path or a list of paths, found a map"
        ],
    );
    wrong_in_environment(
        "boundary_reference_policy: /etc/x.json\nendpoint_reference_policies: [{service: s, policy: 's3://b/x.json'}]\n\
         roles: {endpoint_hosting: {reference_policy: [a.json, '']}}",
        expect![[r#"
            b.yaml:6:32: expected a path relative to the baseline file, found `/etc/x.json`
            b.yaml:7:56: expected a path relative to the baseline file, found `s3://b/x.json`
            b.yaml:8:59: expected a path relative to the baseline file, found ``"#]],
    );
}

#[test]
fn disabled_controls_and_dates() {
    wrong_in_environment(
        "disabled_controls:\n  - {control: NET-1, reason: r, owner: o, expires: 2027-01-01}\n\
         \u{20} - {control: NET-*, reason: r, owner: o, expires: 2027-01-01}\n\
         \u{20} - {control: NET-09, reason: '', owner: o, expires: 2027-01-01}",
        expect![[r#"
            b.yaml:7:19: `disabled_controls[0].control`: unknown control `NET-1`: did you mean `NET-01`?
            b.yaml:8:19: `disabled_controls[1].control`: expected one control id such as `NET-02`, without wildcards, found `NET-*`
            b.yaml:9:35: `reason` is empty"#]],
    );
    wrong_in_environment(
        "disabled_controls:\n  - {control: NET-01, reason: r, owner: o, expires: 2027-02-30}\n\
         \u{20} - {control: NET-01, reason: r, owner: o, expires: 20270201}\n\
         \u{20} - {control: NET-01, reason: r, owner: o, expires: '2027-02-01T00:00:00'}\n\
         \u{20} - {control: NET-01, reason: r, owner: o}",
        expect![[r#"
            b.yaml:7:57: `disabled_controls[0].expires`: expected a date `YYYY-MM-DD`, found `2027-02-30`
            b.yaml:8:57: `disabled_controls[1].expires`: expected text, found the number `20270201`: quote it
            b.yaml:9:57: `disabled_controls[2].expires`: expected a date `YYYY-MM-DD`, found `2027-02-01T00:00:00`
            b.yaml:10:9: `expires` is missing in `disabled_controls[3]`"#]],
    );
    wrong_in_environment(
        "lifecycle_configs: [{name: l, sha256: 9c1}]\norg_id: acme",
        expect![[r#"
        b.yaml:6:43: `lifecycle_configs[0].sha256`: expected 64 hexadecimal digits, found `9c1`
        b.yaml:7:13: `org_id`: expected an organization id such as `o-a1b2c3d4e5`, found `acme`"#]],
    );
}

#[test]
fn without_a_catalogue_the_shape_of_an_id_counts() {
    let ids = ["NET-42", "NET-1", "NETS-01", "net-01", "IAMC-09", "NET-001"];
    let lines: String =
        ids.map(|id| format!("  - {{control: {id}, reason: r, owner: o, expires: 2027-01-01}}\n")).concat();
    let text = file_with(&format!("disabled_controls:\n{lines}"));
    let error = load(&text, "b.yaml", &LoadContext::on(date(2026, 8, 1))).expect_err("must not load");
    expect![[r#"
        b.yaml:8:19: `disabled_controls[1].control`: expected a control id such as `NET-02`, found `NET-1`; areas are `NET`, `VPE`, `IAM`, `IAMC`, `DATA`, `SMK`, `LOG` or `SVC`
        b.yaml:9:19: `disabled_controls[2].control`: expected a control id such as `NET-02`, found `NETS-01`; areas are `NET`, `VPE`, `IAM`, `IAMC`, `DATA`, `SMK`, `LOG` or `SVC`
        b.yaml:10:19: `disabled_controls[3].control`: expected a control id such as `NET-02`, found `net-01`; areas are `NET`, `VPE`, `IAM`, `IAMC`, `DATA`, `SMK`, `LOG` or `SVC`
        b.yaml:12:19: `disabled_controls[5].control`: expected a control id such as `NET-02`, found `NET-001`; areas are `NET`, `VPE`, `IAM`, `IAMC`, `DATA`, `SMK`, `LOG` or `SVC`"#]].assert_eq(&error.to_string());
}

#[test]
fn exceptions() {
    let entry = |control: &str, environment: &str, subject: &str, reason: &str, expires: &str| {
        format!(
            "exceptions:\n  - control: {control}\n    environment: {environment}\n    subject: '{subject}'\n    reason: {reason}\n    owner: me\n    expires: {expires}\n"
        )
    };
    let long = "a reason of more than twenty characters";
    let arn = "arn:aws:ec2:{region}:{account}:subnet/subnet-1";
    wrong_at_top(
        &entry("NET-99", "dve", arn, "short", "2027-08-03"),
        expect![[r#"
        b.yaml:7:14: `control`: unknown control `NET-99`: did you mean `NET-09`?
        b.yaml:8:18: unknown environment `dve`: did you mean `dev`?
        b.yaml:10:13: `reason`: expected at least 20 characters, found 5
        b.yaml:12:14: `expires`: expected `2027-08-02` at the latest (366 days ahead), found `2027-08-03`"#]],
    );
    wrong_at_top(
        &entry("'*'", "dev", "subnet-1", long, "2026-09-01"),
        expect![[r#"
        b.yaml:7:14: `control`: expected one control id such as `NET-02`, without wildcards, found `*`
        b.yaml:9:14: `subject`: expected an arn or a pattern of arns, found `subnet-1`"#]],
    );
    let unbounded = ["*", "arn:*", "arn:aws:ec2:*:*:*", "**", "arn:aws:ec2:*"];
    let files = unbounded.map(|subject| file_with("") + &entry("NET-09", "dev", subject, long, "2026-09-01"));
    all_wrong(
        files,
        expect![[r#"
        b.yaml:9:14: `subject`: `*` names no resource: only controls with one finding an environment take that
        b.yaml:9:14: `subject`: `arn:*` names no resource: only controls with one finding an environment take that
        b.yaml:9:14: `subject`: `arn:aws:ec2:*:*:*` names no resource: only controls with one finding an environment take that
        b.yaml:9:14: `subject`: `**` names no resource: only controls with one finding an environment take that
        b.yaml:9:14: `subject`: `arn:aws:ec2:*` names no resource: only controls with one finding an environment take that"#]],
    );
    wrong_at_top(
        "exceptions: [{}]\nseparation_overrides: [3]\n",
        expect![[r#"
        b.yaml:6:14: `control` is missing
        b.yaml:7:24: expected a map, found the number `3`"#]],
    );
    for (subject, control) in [("*", "NET-01"), ("arn:aws:ec2:*:*:subnet/*", "NET-09"), ("*:subnet/a", "NET-09")] {
        let text = format!("{}{}", file_with(""), entry(control, "unassigned", subject, long, "2027-08-02"));
        let loaded = load(&text, "b.yaml", &LoadContext::on(date(2026, 8, 1)));
        assert!(loaded.is_ok(), "{subject} {loaded:?}");
    }
}

#[test]
fn an_exception_of_unassigned_has_a_region_only_if_there_is_one() {
    let text = "version: 1\naccount_id: '111122223333'\nenvironments:\n  - {name: a, region: eu-west-1}\n  - {name: b, region: eu-west-2}\n\
                exceptions:\n  - {control: NET-09, environment: unassigned, subject: 'arn:aws:ec2:{region}:{account}:subnet/x', reason: a reason of twenty characters, owner: o, expires: 2026-09-01}\n";
    wrong(text, expect!["b.yaml:7:57: `{region}` could be several regions here: write the region"]);
}

#[test]
fn separation_overrides() {
    let entry = |middle: &str| {
        format!(
            "separation_overrides:\n  - {{environment: dev, role: notebook_creation, {middle}reason: r, owner: o, expires: 2027-01-01}}\n"
        )
    };
    let middles =
        ["", "class: IAM_ADMN, ", "class: ASSUME, merge_with: endpoint_hosting, ", "merge_with: notebook_creation, "];
    all_wrong(
        middles.map(|middle| file_with("") + &entry(middle)),
        expect![[r#"
        b.yaml:7:5: expected either `class` or `merge_with`
        b.yaml:7:56: `class`: unknown value `IAM_ADMN`: did you mean `IAM_ADMIN`? expected `NB_USE`, `NB_CREATE`, `JOB_SUBMIT`, `MODEL_CREATE`, `EP_CREATE`, `EP_INVOKE`, `DATA_RW`, `PASS_ROLE`, `ASSUME`, `IAM_ADMIN`, `NET_ADMIN`, `KMS_ADMIN`, `S3_ADMIN`, `LOG_ADMIN` or `SC_ADMIN`
        b.yaml:7:5: expected either `class` or `merge_with`
        b.yaml:7:5: `notebook_creation` cannot be merged with itself"#]],
    );
    wrong_at_top(
        &entry("class: S3_ADMIN, ").replace("dev", "unassigned"),
        expect!["b.yaml:7:19: unknown environment `unassigned`: expected `dev`"],
    );
}

#[test]
fn defaults_that_every_environment_replaces_are_looked_at_too() {
    wrong(
        "version: 1\naccount_id: '111122223333'\ndefaults: {min_azs: two, vcp: {}}\nenvironments:\n  - {name: a, region: eu-west-1, min_azs: 2}\n  - {name: b, region: eu-west-1, min_azs: 3}\n",
        expect![[r#"
            b.yaml:3:21: `min_azs`: expected a whole number, found `two`
            b.yaml:3:26: unknown key `vcp`: did you mean `vpc`?"#]],
    );
}
