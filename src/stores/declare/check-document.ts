import { explainIssue, type Issue } from '../../core/document-issue.ts'
import { pathText } from '../../core/path-text.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { DeclarationDocument } from './declaration-document.ts'
import { keysAt, type SchemaShape } from './schema-keys.ts'

/** The least that must be known of a zod/mini schema: whether a document is right, and what it is then. */
interface DocumentSchema<Value> extends SchemaShape {
  readonly safeParse: (
    document: unknown,
  ) =>
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
}

type CheckedDocument<Value> =
  | { readonly type: 'value'; readonly value: Value; readonly document: DeclarationDocument }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** Holds a document against a schema: its value, or a sentence with a place for each thing that is wrong. */
export function checkDocument<Value>(
  document: DeclarationDocument,
  schema: DocumentSchema<Value>,
): CheckedDocument<Value> {
  const outcome = schema.safeParse(document.value ?? {})
  if (outcome.success) return { type: 'value', value: outcome.data, document }
  const faults = outcome.error.issues
    .flatMap((issue) => explainIssue(issue, document.value, (path) => keysAt(schema, path)))
    .map(({ path, text: { says, next } }) => ({
      what: `${path.length === 0 ? 'The document' : pathText(path)} ${says}.`,
      ...document.locate(path),
      ...(next === undefined ? {} : { next }),
    }))
  return { type: 'faults', faults }
}
