"""Runs ministack 1.5.33 until the process that started it ends, and corrects where it differs from AWS."""

import json
import os
import shutil
import signal
import sys
import threading
from xml.sax.saxutils import escape

import ministack.app as app
from ministack.core import iam_actions, lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import handlers, provisioners

# Python would write its compiled form into the project.
sys.dont_write_bytecode = True
import step_functions
sys.dont_write_bytecode = False


def end_with_parent():
    """Standard input closes when the parent ends in any way (an exception, SIGKILL): then the whole process group ends."""
    while os.read(0, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def authorize_like_aws():
    """Service Authorization Reference: SQS batch calls need the single call's action, calls on one event source mapping
    have their own actions, a message move task is authorized on the queue in its SourceArn, calls about a Map Run on that
    run, and the ARN of a rule on the default event bus does not name the bus."""
    ministack_action = iam_actions.extract_iam_action
    ministack_resource = iam_actions.extract_resource_arn
    named = {"sqs": "SourceArn", "states": "mapRunArn"}
    mapping_actions = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}

    def action_of(service, method, path, *rest):
        if service == "lambda" and path.rstrip("/").rpartition("/")[0].endswith("/event-source-mappings"):
            return f"lambda:{mapping_actions.get(method, 'Get')}EventSourceMapping"
        action = ministack_action(service, method, path, *rest)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    def resource_of(service, method, path, headers, body, *rest):
        if service in named:
            try:
                source = json.loads(body or b"{}").get(named[service])
            except ValueError:
                source = None
            if source:
                return source
        resource = ministack_resource(service, method, path, headers, body, *rest)
        return resource.replace(":rule/default/", ":rule/") if service == "events" else resource

    iam_actions.extract_iam_action = action_of
    iam_actions.extract_resource_arn = resource_of


def deploy_mappings_like_aws():
    """Lambda API, EventSourceMapping: numbers are numbers and `Enabled` is a boolean, even when `!Ref` gives a template text
    (with text the poller would not poll, or not stop). A mapping that is created disabled has the state Disabled."""
    mapping = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    ministack_create, ministack_update = mapping["create"], mapping["update"]
    types = {
        "BatchSize": int,
        "MaximumBatchingWindowInSeconds": int,
        "MaximumConcurrency": int,
        "Enabled": provisioners._cfn_bool,
        "ScalingConfig": lambda scaling: typed(scaling),
    }

    def typed(props):
        return {name: types[name](value) if name in types else value for name, value in props.items()}

    def with_state(result):
        made = lambda_svc._esms[result[0]]
        made["State"] = "Enabled" if made["Enabled"] else "Disabled"
        return result

    def create(logical_id, props, *rest):
        return with_state(ministack_create(logical_id, typed(props), *rest))

    def update(mapping_id, old, new, *rest):
        return with_state(ministack_update(mapping_id, typed(old), typed(new), *rest))

    mapping.update(create=create, update=update)


def list_descriptions_like_aws():
    """CloudFormation API, StackSummary: TemplateDescription tells from which template a stack was created."""
    ministack_drift = handlers._stack_drift_information_xml

    def description_and_drift(stack):
        description = (stack.get("_template") or {}).get("Description")
        element = f"<TemplateDescription>{escape(description)}</TemplateDescription>" if description else ""
        return element + ministack_drift(stack)

    handlers._stack_drift_information_xml = description_and_drift


def log_like_aws():
    """CloudWatch loses no line of a function's output. ministack stops reading after 5 ms without a line, which is too short
    on a busy machine."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    # Seconds to wait: for the first line, for each further line, in all.
    drain.__defaults__ = (0.05, 0.03, 0.5)


threading.Thread(target=end_with_parent, daemon=True).start()
authorize_like_aws()
deploy_mappings_like_aws()
list_descriptions_like_aws()
log_like_aws()
step_functions.correct()
app.main()
