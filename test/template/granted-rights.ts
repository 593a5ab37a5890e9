import assert from 'node:assert/strict';
import type { Json, Resource } from './built-template.ts';

/** The table, which the stack makes or takes over. */
const TABLE_ARN = 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${T}';
const EITHER_TABLE = { 'Fn::If': ['MakesTable', { Ref: 'ResultsTable' }, { Ref: 'ExistingResultsTable' }] };

interface Statement {
  Effect: 'Allow';
  Action: string | string[];
  Resource: Json;
  Condition?: {
    StringEquals?: { 'kms:ViaService': Json[] };
    StringEqualsIfExists?: { 'cloudwatch:namespace': Json };
    'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string };
  };
}

/** Each right of a policy on a line of its own: `action on resource`. */
export function grants(document: Json): string[] {
  return (document as unknown as { Statement: Statement[] }).Statement.flatMap(rights);
}

function rights({ Effect, Action, Resource: resources, Condition }: Statement): string[] {
  assert.equal(Effect, 'Allow');
  const services = Condition?.StringEquals?.['kms:ViaService'];
  const namespace = Condition?.StringEqualsIfExists?.['cloudwatch:namespace'];
  const via = services ? ` via ${services.map(nameOf).join(', ')}` : '';
  const of = namespace ? ` of ${nameOf(namespace)}` : '';
  const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  const within = keys === undefined ? '' : ` for ${keys}`;
  return [Action]
    .flat()
    .flatMap((action) =>
      [resources].flat().map((target) => `${action} on ${nameOf(target)}${via}${of}${within}`),
    );
}

function nameOf(target: Json): string {
  if (typeof target === 'string') return target;
  const { Ref, ...fn } = target as Record<string, Json>;
  if (Ref !== undefined) return Ref as string;
  if (fn['Fn::Sub'] !== undefined) {
    const [text, values] = [fn['Fn::Sub']].flat() as [string, Json?];
    if (values) assert.deepEqual(values, { T: EITHER_TABLE });
    return text.replace(TABLE_ARN, 'TABLE');
  }
  if (fn['Fn::GetAtt'] !== undefined) return (fn['Fn::GetAtt'] as string[]).join('.');
  const [condition, then, otherwise] = fn['Fn::If'] as [string, Json, Json];
  return `${condition} ? ${nameOf(then)} : ${nameOf(otherwise)}`;
}

/** @returns the rights of a role's own policies; raises where it has others */
export function inlineGrants(role: Resource | undefined): string[] {
  const { Policies, ManagedPolicyArns } = role?.Properties ?? {};
  assert.equal(ManagedPolicyArns, undefined);
  return (Policies as { PolicyDocument: Json }[]).flatMap(({ PolicyDocument }) => grants(PolicyDocument));
}
