"""Where the product's own output goes: topics with queues subscribed to them, and a bucket for its state."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from . import ACCOUNT, REGION

STATE_BUCKET = "plumbline-state-7f3a"


def build(c: Any) -> dict[str, Any]:
    """Topic and queue for alerts and for digests, and the state bucket; can be repeated."""
    sns, sqs, s3 = c("sns"), c("sqs"), c("s3")
    made: dict[str, Any] = {"state_bucket": STATE_BUCKET, "topics": {}, "queues": {}}
    for name in ("alerts", "digest"):
        topic = sns.create_topic(Name=f"plumbline-{name}")["TopicArn"]
        queue = sqs.create_queue(QueueName=f"plumbline-{name}")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:plumbline-{name}"
        sqs.set_queue_attributes(
            QueueUrl=queue,
            Attributes={
                "Policy": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "sns.amazonaws.com"},
                                "Action": "sqs:SendMessage",
                                "Resource": arn,
                                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
                            }
                        ],
                    }
                )
            },
        )
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "false"})
        made["topics"][name], made["queues"][name] = topic, queue
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return made
