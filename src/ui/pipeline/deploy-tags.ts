import type * as vscode from 'vscode';
import {
  formatTags,
  parseTags,
  TAG_LIMITS,
  type StackTags,
  type TagProblem,
} from '../../core/stack/stack-tags.ts';
import { visibleText } from '../../core/visible-text.ts';
import { BACK, inputText } from '../base/wizard.ts';
import { chooseTags, presentTags, tagsOf } from './deploy-form.ts';
import type { Setting } from './deploy-parameter.ts';

/** The row for the stack's tags: one line of text, in which an empty one takes all tags away. */
export function tagsSetting(vs: typeof vscode): Setting {
  const { t } = vs.l10n;
  const label = t('Tags');
  const detail = t('Of the stack and all that it makes, such as team=media, cost-center=42; empty for none');
  const words = (tags: StackTags): string => formatTags(tags) || t('none');
  return {
    label,
    detail,
    describe: (form) => {
      const before = words(presentTags(form));
      return form.tags ? t('{0} (was {1})', words(form.tags), before) : before;
    },
    ask: async (frame, form) => {
      const present = formatTags(presentTags(form));
      // Tags that others gave the stack may hold what cannot be typed here; left as they are, they stay.
      const read = (text: string): { readonly tags: StackTags } | TagProblem =>
        text === present ? { tags: presentTags(form) } : parseTags(text);
      const text = await inputText(vs, frame, {
        prompt: `${label}. ${detail}`,
        value: formatTags(tagsOf(form)),
        validate: (value) => {
          const answer = read(value);
          return 'problem' in answer ? problemWords(vs, answer) : undefined;
        },
      });
      if (text === BACK) return BACK;
      const answer = read(text);
      return 'tags' in answer ? chooseTags(form, answer.tags) : form;
    },
  };
}

function problemWords({ l10n: { t } }: typeof vscode, { problem, at }: TagProblem): string {
  const tag = visibleText(at, 60);
  switch (problem) {
    case 'too-many':
      return t('A stack takes {0} tags at most, and these are {1}.', TAG_LIMITS.tags, at);
    case 'no-key':
      return t('"{0}" has no key: type key=value.', tag);
    case 'no-value':
      return t('The tag "{0}" has no value: type key=value.', tag);
    case 'long-key':
      return t('The key "{0}" is longer than {1} characters.', tag, TAG_LIMITS.key);
    case 'long-value':
      return t('The value of "{0}" is longer than {1} characters.', tag, TAG_LIMITS.value);
    case 'reserved':
      return t('The key "{0}" begins with "aws:", which AWS keeps for itself.', tag);
    case 'characters':
      return t(
        'The tag "{0}" has a character that AWS refuses: use letters, digits, blanks and _ . : / = + - @',
        tag,
      );
    case 'twice':
      return t('The key "{0}" is there twice; large and small letters count as the same.', tag);
  }
}
