import { countOf } from '../../core/plural.ts'
import type { StoreKind } from '../../core/store.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { printable } from '../../terminal/text/printable.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { NotDeclarable } from '../import-items.ts'
import type { StoreResource } from '../store-plan.ts'

/** The answer of `setup import`. */
export interface StoreImportResult {
  readonly kind: 'store-import'
  readonly store: StoreKind
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** Digits only; null where the store does not report it. */
  readonly version: string | null
  readonly dryRun: boolean
  readonly folder: string
  /** The files that were written, or would be with a dry run. */
  readonly files: readonly { readonly file: string; readonly text: string }[]
  /** What the files declare. */
  readonly declared: readonly StoreResource[]
  /** How many resources the folder declares already. */
  readonly declaredBefore: number
  /** The variables of passwords, which no server tells: until one is set, its resource is not changed. */
  readonly variables: readonly { readonly variable: string; readonly resource: StoreResource }[]
  readonly notDeclarable: readonly NotDeclarable[]
}

export const storeImportView: View<StoreImportResult> = {
  render: renderImport,
}

/** More than this are counted, unless --verbose shows all. */
const most = 12

function renderImport(result: StoreImportResult, page: Page): readonly Line[] {
  const { store, server, version, files, declared, declaredBefore, dryRun, notDeclarable } = result
  const before = declaredBefore === 0 ? '' : `, ${declaredBefore} declared before`
  const heading: Line = [
    symbol(declared.length === 0 ? 'idle' : 'good'),
    ' ',
    toned('strong', store),
    toned('faint', ` at ${server}${version === null ? '' : `, ${version}`}`),
    `: ${countOf(declared.length, 'resource')} declared${before}`,
  ]
  return [
    ...wrapLine(heading, page.columns, 4),
    ...files.flatMap(({ file, text }) => [
      ...wrapLine([`    ${dryRun ? 'would write' : 'wrote'} `, toned('strong', file)], page.columns, 6),
      ...(dryRun
        ? text
            .trimEnd()
            .split('\n')
            .map((line): Line => [`      ${printable(line)}`])
        : []),
    ]),
    ...renderLeft(notDeclarable, page),
    ...nextLines(nextSteps(result), page),
  ]
}

function renderLeft(left: readonly NotDeclarable[], page: Page): readonly Line[] {
  const shown = page.verbose ? left : left.slice(0, most)
  const more = left.length - shown.length
  return [
    ...shown.flatMap(({ resource, why }) =>
      paragraph(
        ['    ', symbol('warning'), ' '],
        `Cannot be declared: ${resource.kind} ${resource.name}. ${why}`,
        6,
        page,
      ),
    ),
    ...(more > 0 ? wrapLine([toned('faint', `      and ${more} more`)], page.columns, 6) : []),
  ]
}

function nextSteps({ store, dryRun, variables, files }: StoreImportResult): readonly string[] {
  if (files.length === 0) return []
  if (dryRun) return ['The same command without `--dry-run` writes them. Nothing was written.']
  const names = variables.map(({ variable }) => `\`${variable}\``)
  return [
    `\`wwdb setup plan --only ${store}\` says that nothing differs.`,
    ...(names.length === 0
      ? []
      : [
          `Set ${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''} where passwords are to be compared.`,
        ]),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-import': StoreImportResult
  }
}
