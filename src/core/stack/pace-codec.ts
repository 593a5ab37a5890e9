import type { TableKey } from '../batch/table-keys.ts';
import { fieldsOf, isAmount, type Fields } from '../foreign-json.ts';
import { controlPk, readDispatch } from './dispatch-codec.ts';
import { farFrom, type Drop, type LiveMost, type Pace, type SlotPlan } from './pace.ts';
import type { PacedDispatch } from './dispatch-control.ts';

/** @returns the key of the item that says how fast a stack calls Ittybit */
export function paceKey(stackId: string): TableKey {
  return { pk: controlPk(stackId), sk: 'pace' };
}

/** A strong query for the items of a stack that its functions read at each invocation. */
export function pacedQuery(stackId: string) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': controlPk(stackId), ':from': 'dispatch', ':to': 'pace' },
    ConsistentRead: true,
  };
}

/** @param items what the query found, of any origin */
export function readPaced(items: readonly Fields[] = []): PacedDispatch {
  const of = (name: string) => items.find(({ sk }) => sk === name);
  return { state: readDispatch(of('dispatch')), pace: readPace(of('pace')) };
}

/** Reads the pace, of any origin. @param item undefined where nothing was ever sent; what cannot be read is as new */
export function readPace(item: unknown): Pace {
  const fields = fieldsOf(item) ?? {};
  const amount = (name: string): number | undefined => {
    const value = fields[name];
    return isAmount(value) && value >= 0 ? value : undefined;
  };
  const [most, insteadOf, ceiling] = [amount('most'), amount('instead_of'), amount('ceiling')];
  return {
    nextMs: amount('next_ms') ?? 0,
    ceiling: ceiling === 0 ? undefined : ceiling,
    clearMs: amount('clear_ms') ?? 0,
    drops: amount('drops') ?? 0,
    calls: amount('calls') ?? 0,
    refused: amount('refused') ?? 0,
    refusedAtMs: amount('refused_at_ms'),
    live: most === undefined || insteadOf === undefined ? undefined : { most, insteadOf },
  };
}

/** An UpdateItem without its table and key. */
export interface PaceUpdate {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues: Record<string, number>;
}

/**
 * Takes slots. While calls wait, it only adds, so any number of functions at once succeed: of those that find nobody
 * waiting one begins the row, and the others then add to it.
 */
export function slotsUpdate({ count, gapMs, nowMs, lastMs, drops, isQueued }: SlotPlan): PaceUpdate {
  const spanMs = count * gapMs;
  const values = { ...dropsValue(drops), ':count': count, ':now': nowMs };
  if (isQueued) {
    return {
      UpdateExpression: 'ADD next_ms :span, clear_ms :span, calls :count',
      ConditionExpression: `${dropsCondition(drops)} AND next_ms BETWEEN :now AND :last`,
      ExpressionAttributeValues: { ...values, ':span': spanMs, ':last': lastMs },
    };
  }
  return {
    UpdateExpression: 'SET next_ms = :end ADD calls :count',
    ConditionExpression: `${dropsCondition(drops)} AND (attribute_not_exists(next_ms) OR next_ms < :now OR next_ms > :far)`,
    ExpressionAttributeValues: { ...values, ':end': nowMs + spanMs, ':far': farFrom(nowMs) },
  };
}

/** @returns the first of the slots. @param nextMs what the update has left in the item */
export function firstSlot({ isQueued, nowMs, count, gapMs }: SlotPlan, nextMs: unknown): number {
  return isQueued ? Number(nextMs) - count * gapMs : nowMs;
}

/** Counts a refusal. @param drop the rate drops with it, once for all that were refused under it */
export function refusalUpdate(now: number, drop?: Drop): PaceUpdate {
  const counted = { ':now': now, ':one': 1 };
  if (!drop) {
    return {
      UpdateExpression: 'SET refused_at_ms = :now ADD refused :one',
      ExpressionAttributeValues: counted,
    };
  }
  const { ceiling, nextMs, drops } = drop;
  return {
    UpdateExpression:
      'SET refused_at_ms = :now, next_ms = :next, ceiling = :ceiling, clear_ms = :zero ADD refused :one, drops :one',
    ConditionExpression: dropsCondition(drops),
    ExpressionAttributeValues: {
      ...counted,
      ...dropsValue(drops),
      ...{ ':next': nextMs, ':ceiling': ceiling, ':zero': 0 },
    },
  };
}

/** @returns the update that sets how many calls/s there may be at most; 0: as many as Ittybit takes */
export function mostUpdate({ most, insteadOf }: LiveMost): PaceUpdate {
  return {
    UpdateExpression: 'SET most = :most, instead_of = :instead',
    ExpressionAttributeValues: { ':most': most, ':instead': insteadOf },
  };
}

/** The rate is still the one that was read. */
function dropsCondition(drops: number): string {
  return drops === 0 ? 'attribute_not_exists(drops)' : 'drops = :drops';
}

function dropsValue(drops: number): Record<string, number> {
  return drops === 0 ? {} : { ':drops': drops };
}
