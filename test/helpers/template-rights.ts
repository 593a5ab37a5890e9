import { parseTemplate, type Json } from '../template/built-template.ts';

const ROLES = ['ConsumerRole', 'WebhookRole', 'PauseDispatchPolicy', 'ReconcilerRole'] as const;
/** The resources that the rights are for. */
const TARGETS =
  /WorkQueue|DeadLetterQueue|ResultsTable|MediaBatchSigningSecret|EventSourceMapping|ConsumerLogs|WebhookLogs|ReconcilerLogs/;

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: Json;
}
interface Document {
  Statement: readonly Statement[];
}

/**
 * @returns each right that the template gives to its functions: `<role or policy> <action> <target>`.
 * @param template the built template's text
 */
export function rightsOf(template: string): string[] {
  const parsed = parseTemplate(template);
  return ROLES.flatMap((role) =>
    documentsOf(parsed.Resources[role]).flatMap((document) =>
      document.Statement.flatMap(singles).map((single) => nameOf(role, single)),
    ),
  );
}

/**
 * The same template without one right.
 * @param right as `rightsOf` names it; the template must have it exactly once
 * @returns a template in JSON
 */
export function withoutRight(template: string, right: string): string {
  const parsed = parseTemplate(template);
  let removed = 0;
  for (const role of ROLES) {
    for (const document of documentsOf(parsed.Resources[role])) {
      const all = document.Statement.flatMap(singles);
      const rest = all.filter((single) => nameOf(role, single) !== right);
      removed += all.length - rest.length;
      // AWS refuses a policy without a statement.
      document.Statement = rest.length > 0 ? rest : all.map((single) => ({ ...single, Effect: 'Deny' }));
    }
  }
  if (removed !== 1) throw new Error(`The template has "${right}" ${removed} times.`);
  // With a statement for each right, the whole text would be longer than CloudFormation takes.
  const Resources = Object.entries(parsed.Resources).filter(([, { Type }]) => !Type.endsWith('::Alarm'));
  return JSON.stringify({ ...parsed, Resources: Object.fromEntries(Resources) });
}

/** A role's inline policies, or the one of a policy resource. */
function documentsOf(
  resource: { readonly Properties?: Readonly<Record<string, Json>> } | undefined,
): Document[] {
  const { Policies, PolicyDocument } = (resource?.Properties ?? {}) as unknown as {
    Policies?: { PolicyDocument: Document }[];
    PolicyDocument?: Document;
  };
  return PolicyDocument ? [PolicyDocument] : (Policies ?? []).map((policy) => policy.PolicyDocument);
}

/** One statement for each action and resource. */
function singles(statement: Statement): Statement[] {
  return [statement.Action]
    .flat()
    .flatMap((Action) => [statement.Resource].flat().map((Resource) => ({ ...statement, Action, Resource })));
}

function nameOf(role: string, { Action, Resource }: Statement): string {
  const text = JSON.stringify(Resource);
  // The API key is in a secret or in a parameter of the user's.
  if (text.includes('MakesApiKey')) return `${role} ${String(Action)} ApiKey`;
  const target = text.includes('/index/') ? 'ResultsTable/index' : (TARGETS.exec(text)?.[0] ?? '*');
  return `${role} ${String(Action)} ${target}`;
}
