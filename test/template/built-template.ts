import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse, type CollectionTag, type ScalarTag } from 'yaml';

const PROJECT = resolve(import.meta.dirname, '../..');

/** The template's source. */
export const TEMPLATE_SOURCE = join(PROJECT, 'templates/pipeline.yaml');
/** Where the build puts the template that ships. */
export const TEMPLATE_FILE = join(PROJECT, 'dist/pipeline.yaml');
/** The source of the cloud enqueue's template, and where the build puts it. */
export const ENUMERATOR_SOURCE = join(PROJECT, 'templates/enumerator.yaml');
export const ENUMERATOR_FILE = join(PROJECT, 'dist/enumerator.yaml');
/** Where it puts the code of the functions, as the template unpacks it. */
export const HANDLERS_FOLDER = join(PROJECT, 'dist/handlers');

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** A CloudFormation template as JSON; short tags such as `!Ref X` read as `{ "Ref": "X" }`. */
export interface Template {
  readonly Transform?: Json;
  readonly Parameters: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly Description: string;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Mappings: { readonly Functions: { readonly Code: { readonly ZipFile: string } } };
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: Json }>>;
}

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  /** only in the source: the build strips it */
  readonly Metadata?: { readonly checkov: { readonly skip: readonly Skip[] } };
  readonly Properties?: Readonly<Record<string, Json>>;
}

/** A check of checkov that is skipped, and why. */
export interface Skip {
  readonly id: string;
  readonly comment?: string;
}

/** Runs the build of the two templates. @returns the text of dist/pipeline.yaml; raises with the build's own words when it fails */
export async function buildTemplate(): Promise<string> {
  await promisify(execFile)(process.execPath, [join(PROJECT, 'esbuild.mjs'), '--handlers-only']);
  return readFile(TEMPLATE_FILE, 'utf8');
}

/** @param text YAML with CloudFormation's short tags */
export function parseTemplate(text: string): Template {
  return parse(text, { customTags: TAGS }) as Template;
}

/** @returns the text that every function gets as its index.js */
export function inlineCode(template: Template): string {
  return template.Mappings.Functions.Code.ZipFile;
}

/** @returns an environment in which a function's code loads as on Lambda: its variables, and the SDK beside the runtime */
export function functionEnvironment(template: Template, id: string): NodeJS.ProcessEnv {
  const { Variables } = template.Resources[id]?.Properties?.['Environment'] as { Variables: object };
  const values = Object.keys(Variables).map((name) => [name, 'http://localhost'] as const);
  return { ...Object.fromEntries(values), AWS_REGION: 'eu-west-1', NODE_PATH: join(PROJECT, 'node_modules') };
}

const TAGS: (ScalarTag | CollectionTag)[] = [
  { tag: '!Ref', resolve: (value) => ({ Ref: value }) },
  { tag: '!Sub', resolve: (value) => ({ 'Fn::Sub': value }) },
  { tag: '!GetAtt', resolve: (value) => ({ 'Fn::GetAtt': value.split('.') }) },
  // `!Sub` takes a text, or a text and its values.
  ...['Equals', 'FindInMap', 'If', 'Not', 'Sub'].map((name): CollectionTag => ({
    tag: `!${name}`,
    collection: 'seq',
    resolve: (value) => ({ [`Fn::${name}`]: value.toJSON() as Json }),
  })),
];
