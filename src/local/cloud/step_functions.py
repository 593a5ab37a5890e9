"""Corrects where the Step Functions of ministack 1.5.33 differ from AWS's, as far as a Distributed Map over a bucket needs it."""

import contextvars
import json
import os
import random
import threading

from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, now_iso
from ministack.services import stepfunctions as sfn


def map_like_aws():
    """Developer Guide, "Distributed mode": fields may be JSONata, ItemBatcher makes batches, itemCounts counts items."""
    ministack_map, ministack_view = sfn._run_distributed_map, sfn._map_run_view

    def distributed(state, raw_input, effective, iterator, execution, ctx):
        if sfn._state_query_language(state, ctx) != "JSONata":
            return ministack_map(state, raw_input, effective, iterator, execution, ctx)

        def value(template):
            return sfn._apply_jsonata_template(template, raw_input, ctx)

        reader = state["ItemReader"]
        items = sfn._read_map_items({**reader, "Arguments": value(reader["Arguments"])}, raw_input, ctx)
        execution["_items"] = len(items)
        children = batches(items, value(state["ItemBatcher"]))
        plain = {"Label": state["Label"], "MaxConcurrency": state["MaxConcurrency"], "ItemsPath": "$", "QueryLanguage": "JSONPath"}
        results, _ = ministack_map(plain, children, children, iterator, execution, ctx)
        output = sfn._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
        return output, sfn._next_or_end(state)

    def view(run):
        counts = dict.fromkeys(run["itemCounts"], 0)
        counts["total"] = sfn._executions[run["executionArn"]].get("_items", 0)
        for child in list(sfn._executions.values()):
            if child.get("mapRunArn") == run["mapRunArn"]:
                counts[child["status"].lower()] += len(json.loads(child["input"])["Items"])
        counts["pending"] = counts["total"] - sum(counts[name] for name in ("running", "succeeded", "failed"))
        return ministack_view({**run, "itemCounts": counts})

    sfn._run_distributed_map, sfn._map_run_view = distributed, view


def batches(items, batcher):
    """Developer Guide, "ItemBatcher": as many items as both limits allow, each batch with the same BatchInput."""
    head, found, room = {"BatchInput": batcher["BatchInput"]}, [], 0
    for item in items:
        length = len(json.dumps(item, separators=(",", ":")).encode()) + 1
        if not found or len(found[-1]["Items"]) == batcher["MaxItemsPerBatch"] or length > room:
            found.append({**head, "Items": []})
            room = batcher["MaxInputBytesPerBatch"] - len(json.dumps(found[-1], separators=(",", ":")).encode())
        found[-1]["Items"].append(item)
        room -= length
    return found


def evaluate_at_leisure():
    """JSONata in Python is slow: on a busy machine an expression over 1,000 texts passes ministack's limit of a second."""
    parse, kept = sfn.jsonata.Jsonata.jsonata, threading.local()

    def parse_once(expression, timeout=None):
        known = kept.__dict__.setdefault("known", {})
        if expression not in known:
            known[expression] = parse(expression, timeout=30_000)
        return known[expression]

    sfn.jsonata.Jsonata.jsonata = parse_once


def call_sqs_like_aws():
    """SQS API: its calls speak JSON (ministack's query form loses the entries of a batch), and an answer may name entries
    that were not taken. FAIL_SENDS is the share of those."""
    sfn._AWS_SDK_SERVICE_MAP["sqs"] = {"protocol": "json", "target_prefix": "AmazonSQS"}
    share, draws, invoke = float(os.environ.get("FAIL_SENDS", 0)), random.Random(1), sfn._invoke_resource

    def invoked(resource, data):
        if share == 0 or not resource.endswith(":sendMessageBatch"):
            return invoke(resource, data)
        taken, failed = [], []
        for entry in data["Entries"]:
            (failed if draws.random() < share else taken).append(entry)
        answer = invoke(resource, {**data, "Entries": taken}) if taken else {"Successful": []}
        refusals = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in failed]
        return {**answer, "Failed": [*answer.get("Failed", []), *refusals]}

    sfn._invoke_resource = invoked


def stop_and_redrive_like_aws():
    """API, StopExecution: no more children of a Map Run start. RedriveExecution: those run again that did not succeed."""
    run_child, distributed, handle, fail = sfn._run_sub_machine, sfn._run_distributed_map, sfn.handle_request, sfn._fail_execution
    tops = set()

    def remember(state, raw_input, effective, iterator, execution, ctx):
        tops.add(id(iterator["States"]))
        return distributed(state, raw_input, effective, iterator, execution, ctx)

    def once(states, start, data, execution, ctx):
        run = sfn._map_runs.get(execution.get("mapRunArn"))
        if run is None or id(states) not in tops:
            return run_child(states, start, data, execution, ctx)
        parent = sfn._executions[run["executionArn"]]
        index, results = ctx["Map"]["Item"]["Index"], parent.setdefault("_results", {})
        if index not in results:
            if parent["status"] != "RUNNING":
                raise sfn._ExecutionError("States.ExecutionAborted", "The Map Run was stopped.")
            results[index] = run_child(states, start, data, execution, ctx)
        return results[index]

    def fail_unless_stopped(execution, error, cause):
        if execution["status"] != "ABORTED":
            fail(execution, error, cause)

    async def with_redrive(method, path, headers, body, query):
        if not headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return await handle(method, path, headers, body, query)
        arn = json.loads(body)["executionArn"]
        execution = sfn._executions.get(arn)
        if execution is None:
            return error_response_json("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400)
        if execution["status"] in ("RUNNING", "SUCCEEDED"):
            return error_response_json("ExecutionNotRedrivable", f"Execution {arn} is {execution['status']}.", 400)
        execution.update(status="RUNNING", stopDate=None, error=None, cause=None)
        again = contextvars.copy_context().run
        threading.Thread(target=again, args=(sfn._run_execution, arn), daemon=True).start()
        return sfn._finalize_response(json_response({"redriveDate": now_iso()}))

    sfn._run_sub_machine, sfn._run_distributed_map = once, remember
    sfn._fail_execution, sfn.handle_request = fail_unless_stopped, with_redrive
    app.SERVICE_HANDLERS["states"] = with_redrive


def act_as_role():
    """With AUTH a state machine has the rights of its role and no others (Developer Guide, "IAM policies")."""
    if not app.AUTH:
        return
    role = contextvars.ContextVar("role")
    execute_task, invoke, read = sfn._execute_task, sfn._invoke_resource, sfn._read_map_items

    def check(action, resource, keys=()):
        account, region, session = get_account_id(), get_region(), f"{role.get()}/states"
        asked = iam.EvalContext(
            principal_arn=f"arn:aws:sts::{account}:assumed-role/{session}", principal_type="AssumedRole",
            principal_account=account, action=action, resource_arn=resource, region=region,
            service_context={"dynamodb:leadingkeys": list(keys)})
        if iam.evaluate(asked, iam._gather_role_policies(role.get(), account)).decision != "Allow":
            service = action.partition(":")[0].capitalize()
            raise sfn._ExecutionError(f"{service}.AccessDeniedException",
                                      f"{asked.principal_arn} is not authorized to perform: {action} on {resource}")

    def use(execution):
        machine = sfn._state_machines[execution["stateMachineArn"].rsplit("/", 1)[0]]
        role.set(machine["roleArn"].rsplit("/", 1)[-1])

    def task(state, raw_input, execution, ctx):
        use(execution)
        return execute_task(state, raw_input, execution, ctx)

    def invoked(resource, data):
        *_, service, action = resource.split(":")
        here = f"{get_region()}:{get_account_id()}"
        if service == "sqs":
            action = (action[0].upper() + action[1:]).removesuffix("Batch")
            check(f"sqs:{action}", f"arn:aws:sqs:{here}:{data['QueueUrl'].rsplit('/', 1)[-1]}")
        if service == "dynamodb":
            table = f"arn:aws:dynamodb:{here}:table/{data['TableName']}"
            check(f"dynamodb:{action[0].upper()}{action[1:]}", table, [data["Key"]["pk"]["S"]])
        if service == "lambda":
            check("lambda:InvokeFunction", data["FunctionName"])
        if service == "sfn":
            check("states:StartSyncExecution", data["StateMachineArn"])
        return invoke(resource, data)

    def reader(reader, effective, ctx):
        use(sfn._executions[ctx["Execution"]["Id"]])
        check("s3:ListBucket", f"arn:aws:s3:::{reader['Arguments']['Bucket']}")
        return read(reader, effective, ctx)

    sfn._execute_task, sfn._invoke_resource, sfn._read_map_items = task, invoked, reader


def correct():
    """Makes all corrections, once and before ministack starts."""
    map_like_aws()
    evaluate_at_leisure()
    call_sqs_like_aws()
    stop_and_redrive_like_aws()
    act_as_role()
