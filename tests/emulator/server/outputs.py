"""Where the product's own output goes: topics with queues subscribed to them, and a bucket for its state; and a look at it."""

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


def drain(c: Any, name: str) -> list[dict[str, Any]]:
    """Every message of a queue, in the order of arrival as far as SQS keeps one: what SNS wrapped around it, parsed."""
    sqs = c("sqs")
    url = sqs.get_queue_url(QueueName=f"plumbline-{name}")["QueueUrl"]
    found: list[dict[str, Any]] = []
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages") or []
        if not messages:
            return found
        for one in messages:
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


def objects(c: Any) -> dict[str, str | None]:
    """The objects of the state bucket with their texts."""
    s3 = c("s3")
    found: dict[str, str | None] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=STATE_BUCKET):
        for one in page.get("Contents") or []:
            body = s3.get_object(Bucket=STATE_BUCKET, Key=one["Key"])["Body"].read()
            try:
                found[one["Key"]] = body.decode()
            except UnicodeDecodeError:
                found[one["Key"]] = None
    return found


def put(c: Any, key: str, body: bytes) -> None:
    """Write one object into the state bucket."""
    c("s3").put_object(Bucket=STATE_BUCKET, Key=key, Body=body)
