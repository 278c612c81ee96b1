"""Hand-written cases for rows 1 to 34 of the table of corners: the policy language itself.

Each case is (id, expected decision, line). The decision was written by hand from the page named in the table.
"""

from __future__ import annotations

from .building import FULL, OWN, QUEUE, allow, deny, line, policy

ALLOW, EXPLICIT, IMPLICIT, UNKNOWN = "ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "UNKNOWN"
Case = tuple[str, str, dict]


def allowed_if(name: str, expected: str, condition: dict, context: dict | None = None, **more) -> Case:
    """One Allow under a condition: ALLOW if it holds, else IMPLICIT_DENY."""
    version = more.pop("version", "2012-10-17")
    identity = [policy(allow(condition=condition), version=version)]
    return name, expected, line(name, context=context, identity=identity, **more)


def denied_if(name: str, expected: str, condition: dict, context: dict | None = None, **more) -> Case:
    """Everything is allowed, and one Deny stands under a condition: EXPLICIT_DENY if it holds, else ALLOW."""
    return name, expected, line(name, context=context, identity=[FULL, policy(deny(condition=condition))], **more)


def granted(name: str, expected: str, entry: dict, context: dict | None = None, **more) -> Case:
    """One statement decides: entry holds what differs from an Allow of s3:GetObject on everything."""
    version = more.pop("version", "2012-10-17")
    return name, expected, line(name, context=context, identity=[policy(allow(**entry), version=version)], **more)


TAGS = {"aws:TagKeys": ["owner", "cost"]}


def sets() -> list[Case]:
    every = "ForAllValues:StringEquals"
    some = "ForAnyValue:StringEquals"
    return [
        allowed_if("row-01-a", ALLOW, {every: {"aws:TagKeys": ["owner"]}}),
        allowed_if("row-01-b", IMPLICIT, {every: {"aws:TagKeys": ["owner"]}, "Null": {"aws:TagKeys": "false"}}),
        denied_if("row-01-c", EXPLICIT, {every: {"aws:TagKeys": ["owner"]}}),
        allowed_if("row-01-d", IMPLICIT, {every: {"aws:TagKeys": ["owner"]}}, TAGS),
        allowed_if("row-02-a", ALLOW, {every: {"aws:TagKeys": ["owner"]}}, {"aws:TagKeys": [""]}),
        allowed_if("row-02-b", ALLOW, {every: {"aws:TagKeys": ["owner"]}}, {"aws:TagKeys": []}),
        allowed_if("row-02-c", IMPLICIT, {some: {"aws:TagKeys": [""]}}, {"aws:TagKeys": [""]}),
        allowed_if("row-02-d", UNKNOWN, {every: {"aws:TagKeys": ["owner"]}}, {"aws:TagKeys": ["owner", ""]}),
        allowed_if("row-03-a", IMPLICIT, {some: {"aws:TagKeys": ["owner"]}}),
        allowed_if("row-03-b", IMPLICIT, {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["owner"]}}),
        denied_if("row-03-c", ALLOW, {"ForAnyValue:StringNotLike": {"aws:TagKeys": ["owner"]}}),
        allowed_if("row-04-a", UNKNOWN, {some + "IfExists": {"aws:TagKeys": ["owner"]}}),
        allowed_if("row-04-b", ALLOW, {some + "IfExists": {"aws:TagKeys": ["owner"]}}, TAGS),
        allowed_if("row-08-a", IMPLICIT, {"ForAllValues:StringNotEquals": {"aws:TagKeys": ["owner", "x"]}}, TAGS),
        allowed_if("row-08-b", ALLOW, {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["owner", "x"]}}, TAGS),
        allowed_if("row-08-c", IMPLICIT, {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["owner", "cost"]}}, TAGS),
        allowed_if("row-08-d", ALLOW, {"ForAllValues:StringNotEquals": {"aws:TagKeys": ["x"]}}, TAGS),
        allowed_if("row-09-a", UNKNOWN, {"StringEquals": {"aws:TagKeys": "owner"}}, TAGS),
        allowed_if("row-09-b", UNKNOWN, {"StringNotEquals": {"aws:TagKeys": "x"}}, TAGS),
    ]


def operators() -> list[Case]:
    vpc = "aws:SourceVpc"
    arn = "aws:SourceArn"
    topic = f"arn:aws:sns:eu-west-1:{OWN}:alarms"
    tricky = "arn:aws:some:eu-west-1:444455556666:store/abc:111122223333:finance/a.txt"
    mfa = "aws:MultiFactorAuthPresent"
    return [
        allowed_if("row-05-a", IMPLICIT, {"StringNotEquals": {vpc: ["vpc-1", "vpc-2"]}}, {vpc: "vpc-2"}),
        allowed_if("row-05-b", ALLOW, {"StringNotEquals": {vpc: ["vpc-1", "vpc-2"]}}, {vpc: "vpc-3"}),
        allowed_if("row-05-c", ALLOW, {"StringEquals": {vpc: ["vpc-1", "vpc-2"]}}, {vpc: "vpc-2"}),
        denied_if("row-06-a", EXPLICIT, {"StringNotEquals": {vpc: "vpc-1"}}),
        allowed_if("row-06-b", IMPLICIT, {"StringEquals": {vpc: "vpc-1"}}),
        denied_if("row-06-c", EXPLICIT, {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        denied_if("row-06-d", EXPLICIT, {"ArnNotLike": {arn: topic}}),
        denied_if("row-06-e", EXPLICIT, {"NumericNotEquals": {"s3:max-keys": "5"}}),
        denied_if("row-06-f", ALLOW, {"NumericLessThan": {"s3:max-keys": "5"}}),
        denied_if("row-07-a", EXPLICIT, {"StringNotEqualsIfExists": {vpc: "vpc-1"}}),
        denied_if("row-07-b", EXPLICIT, {"StringEqualsIfExists": {vpc: "vpc-1"}}),
        denied_if("row-07-c", ALLOW, {"StringNotEqualsIfExists": {vpc: "vpc-1"}}, {vpc: "vpc-1"}),
        denied_if("row-10-a", ALLOW, {"Bool": {mfa: "false"}}),
        denied_if("row-10-b", EXPLICIT, {"BoolIfExists": {mfa: "false"}}),
        denied_if("row-10-c", EXPLICIT, {"Bool": {mfa: False}}, {mfa: False}),
        allowed_if("row-11-a", ALLOW, {"Null": {vpc: "false"}}, {vpc: "vpc-1"}),
        allowed_if("row-11-b", IMPLICIT, {"Null": {vpc: "false"}}),
        allowed_if("row-11-c", ALLOW, {"Null": {vpc: True}}),
        allowed_if("row-11-d", ALLOW, {"Null": {vpc: ["true", "false"]}}),
        allowed_if("row-11-e", UNKNOWN, {"Null": {"aws:TagKeys": "false"}}, {"aws:TagKeys": []}),
        allowed_if("row-12-a", IMPLICIT, {"StringEquals": {vpc: "vpc-*"}}, {vpc: "vpc-1"}),
        allowed_if("row-12-b", ALLOW, {"StringEquals": {vpc: "vpc-*"}}, {vpc: "vpc-*"}),
        allowed_if("row-12-c", ALLOW, {"StringLike": {vpc: "vpc-?"}}, {vpc: "vpc-1"}),
        allowed_if("row-13-a", IMPLICIT, {"StringEqualsIgnoreCase": {vpc: "VPC-*"}}, {vpc: "vpc-1"}),
        allowed_if("row-13-b", ALLOW, {"StringEqualsIgnoreCase": {vpc: "VPC-1"}}, {vpc: "vpc-1"}),
        allowed_if("row-14-a", ALLOW, {"ArnEquals": {arn: "arn:aws:sns:*:*:al?rms"}}, {arn: topic}),
        allowed_if("row-14-b", IMPLICIT, {"ArnNotEquals": {arn: "arn:aws:sns:*:*:al*"}}, {arn: topic}),
        allowed_if("row-15-a", IMPLICIT, {"ArnLike": {arn: "arn:aws:some:*:111122223333:finance/*"}}, {arn: tricky}),
        allowed_if("row-15-b", ALLOW, {"StringLike": {arn: "arn:aws:some:*:111122223333:finance/*"}}, {arn: tricky}),
        allowed_if("row-15-c", ALLOW, {"ArnLike": {arn: "arn:aws:some:*:*:store/*.txt"}}, {arn: tricky}),
        allowed_if("row-16-a", IMPLICIT, {"ArnLike": {arn: "arn:aws:sns:*"}}, {arn: topic}),
        allowed_if("row-16-b", IMPLICIT, {"ArnLike": {arn: "*"}}, {arn: topic}),
        allowed_if("row-16-c", UNKNOWN, {"ArnNotLike": {arn: "arn:aws:sns:*"}}, {arn: topic}),
    ]


def elements() -> list[Case]:
    queues = f"arn:aws:sqs:*:{OWN}:intake"
    group = f"arn:aws:logs:eu-west-1:{OWN}:log-group:/app/one:log-stream:s"
    logs = {"action": "logs:GetLogEvents", "resource": group}
    return [
        granted("row-17-a", ALLOW, {"resource": "arn:aws:s3:::rec*"}),
        granted("row-17-b", ALLOW, {"action": "sqs:*", "resource": queues}, action="sqs:SendMessage", resource=QUEUE),
        granted("row-17-c", ALLOW, {"action": "sqs:*", "resource": "arn:aws:sqs:*"},
                action="sqs:SendMessage", resource=QUEUE),
        granted("row-17-d", IMPLICIT,
                {"action": "logs:*", "resource": "arn:aws:logs:eu*3:log-group:/app/one:log-*"}, **logs),
        granted("row-17-e", IMPLICIT, {
            "action": "logs:*", "resource": "arn:aws:logs:eu-west-1?111122223333:log-group:/app/one:log-*",
        }, **logs),
        granted("row-17-f", ALLOW,
                {"action": "logs:*", "resource": f"arn:aws:logs:*:{OWN}:log-group:/app/*"}, **logs),
        granted("row-17-g", UNKNOWN,
                {"action": "logs:*", "resource": f"arn:aws:logs:*:{OWN}:log-group:/app*m:s"}, **logs),
        granted("row-17-h", UNKNOWN,
                {"action": "logs:*", "resource": f"arn:aws:logs:*:{OWN}:log-*:log-stream:s"}, **logs),
        granted("row-18-a", ALLOW, {"action": "sqs:*", "resource": "arn:aws:sqs"},
                action="sqs:SendMessage", resource=QUEUE),
        granted("row-18-b", ALLOW, {"action": "sqs:*", "resource": "arn:aws:sqs:eu-west-1"},
                action="sqs:SendMessage", resource=QUEUE),
        granted("row-18-c", IMPLICIT, {"action": "sqs:*", "resource": "arn:aws:sqs:us-east-1"},
                action="sqs:SendMessage", resource=QUEUE),
        ("row-18-d", UNKNOWN, line("row-18-d", action="sqs:SendMessage", resource=QUEUE, identity=[FULL],
                                   boundary=policy(allow(action="sqs:*", resource="arn:aws:sqs")))),
        granted("row-19-a", ALLOW, {"action": "S3:gEtObJeCt"}),
        granted("row-19-b", IMPLICIT, {"resource": "arn:aws:s3:::Records/*"}),
        granted("row-19-c", IMPLICIT, {"NotAction": ["S3:GET*"]}),
        granted("row-19-d", ALLOW, {"NotAction": "iam:*"}),
        allowed_if("row-20-a", ALLOW, {"StringEquals": {"AWS:sourcevpc": "vpc-1"}}, {"aws:SourceVpc": "vpc-1"}),
        allowed_if("row-20-b", IMPLICIT, {"StringEquals": {"aws:SourceVpc": "VPC-1"}}, {"aws:SourceVpc": "vpc-1"}),
        granted("row-21-a", ALLOW, {"action": "s3:*", "resource": "*"}, action="s3:ListAllMyBuckets", resource="*"),
        granted("row-21-b", IMPLICIT, {"action": "s3:*", "resource": "arn:aws:s3:::*"},
                action="s3:ListAllMyBuckets", resource="*"),
    ]


def variables() -> list[Case]:
    name = {"aws:username": "alice", "s3:prefix": "alice/a"}
    team = "aws:PrincipalTag/team"
    home = "arn:aws:s3:::records/${aws:PrincipalTag/team}/*"
    default = "arn:aws:s3:::records/${aws:PrincipalTag/team, '2026'}/*"
    like = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
    return [
        allowed_if("row-22-a", ALLOW, like, name),
        allowed_if("row-22-b", IMPLICIT, like, name, version=None),
        allowed_if("row-22-c", IMPLICIT, like, name, version="2008-10-17"),
        allowed_if("row-22-d", ALLOW, like, {"s3:prefix": "${aws:username}/a"}, version="2008-10-17"),
        granted("row-23-a", IMPLICIT, {"resource": home}),
        granted("row-23-b", ALLOW, {"resource": home}, {team: "2026"}),
        allowed_if("row-23-c", IMPLICIT, {"StringLike": {"s3:prefix": "*${aws:PrincipalTag/team}*"}}, name),
        granted("row-23-d", UNKNOWN, {"NotResource": home}),
        granted("row-23-e", IMPLICIT, {"NotResource": home}, {team: "2026"}),
        denied_if("row-24-a", EXPLICIT, {"StringNotEquals": {"s3:prefix": "${aws:PrincipalTag/team}"}}, name),
        denied_if("row-24-b", EXPLICIT, {"StringNotLike": {"s3:prefix": "${aws:PrincipalTag/team}"}}, name),
        granted("row-25-a", ALLOW, {"resource": default}),
        granted("row-25-b", IMPLICIT, {"resource": default}, {team: "red"}),
        granted("row-25-c", UNKNOWN, {"resource": "arn:aws:s3:::records/${aws:PrincipalTag/team,'2026'}/*"}),
        allowed_if("row-26-a", ALLOW, {"StringLike": {"s3:prefix": "a${*}b"}}, {"s3:prefix": "a*b"}),
        allowed_if("row-26-b", IMPLICIT, {"StringLike": {"s3:prefix": "a${*}b"}}, {"s3:prefix": "axb"}),
        allowed_if("row-26-c", ALLOW, {"StringEquals": {"s3:prefix": "a${?}${$}"}}, {"s3:prefix": "a?$"}),
        allowed_if("row-26-d", IMPLICIT, {"StringLike": {"s3:prefix": "a${?}b"}}, {"s3:prefix": "axb"}),
        granted("row-27-a", UNKNOWN, {"resource": home}, {team: "20*"}),
        granted("row-27-b", IMPLICIT, {"resource": home}, {team: "30*"}),
        allowed_if("row-28-a", UNKNOWN, {"NumericEquals": {"s3:max-keys": "${aws:PrincipalTag/team}"}},
                   {"s3:max-keys": "5", team: "5"}),
        allowed_if("row-28-b", UNKNOWN, {"IpAddress": {"aws:SourceIp": "${aws:PrincipalTag/team}"}},
                   {"aws:SourceIp": "192.0.2.7", team: "192.0.2.7"}),
        allowed_if("row-29-a", UNKNOWN, {"StringEquals": {"s3:prefix": "${aws:TagKeys}"}},
                   {"s3:prefix": "owner", "aws:TagKeys": ["owner"]}),
    ]


def measures() -> list[Case]:
    keys = "s3:max-keys"
    now = "aws:CurrentTime"
    ip = "aws:SourceIp"
    return [
        allowed_if("row-30-a", ALLOW, {"NumericEquals": {keys: "1.50"}}, {keys: "1.5"}),
        allowed_if("row-30-b", IMPLICIT, {"NumericLessThan": {keys: "300"}}, {keys: "299s"}),
        allowed_if("row-30-c", ALLOW, {"NumericLessThan": {keys: 10}}, {keys: 9}),
        allowed_if("row-30-d", IMPLICIT, {"NumericGreaterThan": {keys: "9"}}, {keys: "9.0"}),
        allowed_if("row-30-e", UNKNOWN, {"NumericNotEquals": {keys: "300"}}, {keys: "299s"}),
        allowed_if("row-30-f", UNKNOWN, {"NumericEquals": {keys: "1e3"}}, {keys: "1000"}),
        allowed_if("row-30-g", IMPLICIT, {"NumericEquals": {keys: "5.25"}}, {keys: "5"}),
        allowed_if("row-31-a", ALLOW, {"DateGreaterThan": {now: "2026-01-01T00:00:00Z"}},
                   {now: "2026-01-01T00:00:01Z"}),
        allowed_if("row-31-b", ALLOW, {"DateEquals": {now: "2026-01-01T02:00:00+02:00"}},
                   {now: "2026-01-01T00:00:00Z"}),
        allowed_if("row-31-c", ALLOW, {"DateEquals": {now: "2026-01-01"}}, {now: "2026-01-01T00:00:00Z"}),
        allowed_if("row-31-d", ALLOW, {"DateEquals": {now: "1767225600"}}, {now: "2026-01-01T00:00:00Z"}),
        allowed_if("row-31-e", ALLOW, {"DateLessThan": {"aws:EpochTime": "2026-01-01T00:00:01Z"}},
                   {"aws:EpochTime": 1767225600}),
        allowed_if("row-31-f", UNKNOWN, {"DateLessThan": {now: "2027"}}, {now: "2026-01-01T00:00:00Z"}),
        allowed_if("row-32-a", ALLOW, {"IpAddress": {ip: "0.0.0.0/0"}}, {ip: "203.0.113.9"}),
        allowed_if("row-32-b", ALLOW, {"IpAddress": {ip: "203.0.113.9"}}, {ip: "203.0.113.9"}),
        allowed_if("row-32-c", IMPLICIT, {"IpAddress": {ip: "203.0.113.9"}}, {ip: "203.0.113.10"}),
        allowed_if("row-32-d", ALLOW, {"IpAddress": {ip: "203.0.113.77/24"}}, {ip: "203.0.113.9"}),
        allowed_if("row-33-a", ALLOW, {"IpAddress": {ip: "2001:DB8::/32"}}, {ip: "2001:0db8:0:0::1"}),
        allowed_if("row-33-e", ALLOW, {"IpAddress": {ip: "2001:db8:0:0:0:0:0:1"}}, {ip: "2001:DB8::1"}),
        allowed_if("row-33-b", IMPLICIT, {"IpAddress": {ip: "::/0"}}, {ip: "203.0.113.9"}),
        allowed_if("row-33-c", ALLOW, {"NotIpAddress": {ip: "2001:db8::/32"}}, {ip: "203.0.113.9"}),
        allowed_if("row-33-d", UNKNOWN, {"IpAddress": {ip: "203.0.113.0/24"}}, {ip: "::ffff:203.0.113.9"}),
        denied_if("row-34-a", EXPLICIT, {"NotIpAddress": {ip: "203.0.113.0/24"}}, {"aws:SourceVpce": "vpce-1"}),
        allowed_if("row-34-b", ALLOW, {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
                   {"aws:SourceVpce": "vpce-1", "aws:VpcSourceIp": "10.1.2.3"}),
        denied_if("row-34-c", UNKNOWN, {"NotIpAddress": {ip: "203.0.113.0/24"}},
                  {"aws:SourceVpce": "vpce-1", ip: "203.0.113.9"}),
    ]


def cases() -> list[Case]:
    return sets() + operators() + elements() + variables() + measures()


