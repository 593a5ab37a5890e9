import { visibleText } from '../../core/visible-text.ts';

/**
 * What denies a call, in AWS's words (IAM User Guide, "Troubleshoot access denied error messages"), and what to do
 * then.
 */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/resource-based policy/, 'ask the owner of that resource to allow it in the policy of the resource'],
  [
    /permissions boundary/,
    'ask your AWS administrator to allow it in the permissions boundary of your user or role',
  ],
  [/service control policy/, 'only the administrator of your AWS organization can allow it, in that policy'],
  [/resource control policy/, 'only the administrator of your AWS organization can allow it, in that policy'],
  [/VPC endpoint policy/, 'allow it in the policy of the VPC endpoint, or reach AWS another way'],
  [/session policy/, 'log in with a session that is not limited by such a policy, or choose another profile'],
];

const ADD = 'add that permission to your AWS user or role, or choose another profile';
const DENIED = 'ask your AWS administrator to remove that deny, or choose another profile';

/**
 * @param message AWS's own
 * @returns AWS's reason, quoted from the message without what follows it, and what the user can do
 */
export function readDenial(message: string): {
  readonly because: string | undefined;
  readonly advice: string;
} {
  const [because] = /\b(because no|with an explicit deny)\b[^.]*?(?=\.?\s*$|\. |, which)/.exec(message) ?? [];
  const isDeny = /explicit deny/.test(message);
  const found = REASONS.find(([kind]) => because !== undefined && kind.test(because));
  return {
    because: because && visibleText(because),
    advice: found?.[1] ?? (isDeny ? DENIED : ADD),
  };
}
