"""Runs ministack 1.5.33 until the process that started it ends, and corrects where its IAM differs from AWS's."""

import json
import os
import shutil
import signal
import threading

import ministack.app as app
from ministack.core import iam_actions


def end_with_parent():
    """Standard input closes however the parent dies (an exception, SIGKILL): then nothing of this group stays."""
    while os.read(0, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def authorize_like_aws():
    """Service Authorization Reference: SQS batch calls need the single call's action, one mapping has actions of its
    own, and a message move task is authorized on the queue that its ARN names."""
    ministack_action = iam_actions.extract_iam_action
    ministack_resource = iam_actions.extract_resource_arn
    mapping_actions = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}

    def action_of(service, method, path, *rest):
        if service == "lambda" and path.rstrip("/").rpartition("/")[0].endswith("/event-source-mappings"):
            return f"lambda:{mapping_actions.get(method, 'Get')}EventSourceMapping"
        action = ministack_action(service, method, path, *rest)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    def resource_of(service, method, path, headers, body, *rest):
        if service == "sqs":
            try:
                source = json.loads(body or b"{}").get("SourceArn")
            except ValueError:
                source = None
            if source:
                return source
        return ministack_resource(service, method, path, headers, body, *rest)

    iam_actions.extract_iam_action = action_of
    iam_actions.extract_resource_arn = resource_of


threading.Thread(target=end_with_parent, daemon=True).start()
authorize_like_aws()
app.main()
