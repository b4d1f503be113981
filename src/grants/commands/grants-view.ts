import { countOf } from '../../core/plural.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { type CheckedKeyspace, isProven } from '../keyspace-rights.ts'
import type { Purpose } from '../purpose.ts'
import type { TableAcl } from '../table-acl.ts'

/** An account on one server, with the statements that create it or adjust its grants. */
export interface GrantedAccount {
  readonly server: string
  /** `user@host`. */
  readonly account: string
  readonly purposes: readonly Purpose[]
  readonly state: 'printed' | 'created' | 'changed' | 'unchanged'
  /** SQL without passwords. */
  readonly statements: readonly string[]
}

/** The answer of `grants`. */
export interface GrantsResult {
  readonly kind: 'grants'
  readonly accounts: readonly GrantedAccount[]
  /** False where there was nothing to change. */
  readonly applied: boolean
  /** For keyspaces of Vitess: the entries of the table ACL that their users need. Absent where no database is one. */
  readonly tableAcls?: readonly TableAcl[]
}

/** An account's privileges compared with what it needs. */
export interface CheckedAccount {
  readonly server: string
  readonly account: string
  readonly purposes: readonly Purpose[]
  readonly exists: boolean
  /** The GRANT of each missing privilege. */
  readonly missing: readonly string[]
  /** The REVOKE of each excessive privilege. */
  readonly excess: readonly string[]
}

/** The answer of `grants check`. */
export interface GrantsCheckResult {
  readonly kind: 'grants-check'
  readonly accounts: readonly CheckedAccount[]
  /** For keyspaces of Vitess: what the table ACL of the tablets refuses the account. Absent where no database is one. */
  readonly keyspaces?: readonly CheckedKeyspace[]
}

export const grantsView: View<GrantsResult> = { render: renderGrants }

export const grantsCheckView: View<GrantsCheckResult> = {
  render: renderCheck,
  succeeded: ({ accounts, keyspaces = [] }) => accounts.every(isRight) && keyspaces.every(isProven),
}

/** SQL that the `mysql` client accepts as it is: the rest is in comments. */
function renderGrants({ accounts, tableAcls = [] }: GrantsResult): readonly Line[] {
  const lines = accounts.flatMap(({ server, account, purposes, state, statements }, index): readonly Line[] => [
    ...(index === 0 ? [] : [['']]),
    [
      toned(
        'faint',
        `-- ${account} on ${server}, for ${purposes.join(', ')}${state === 'printed' ? '' : `: ${state}`}`,
      ),
    ],
    ...statements.map((statement): Line => [`${statement};`]),
  ])
  return [...lines, ...tableAcls.flatMap((one, index) => renderTableAcl(one, lines.length + index > 0))]
}

/** The content of the file that tablets read, below a comment. */
function renderTableAcl({ keyspace, config, notes }: TableAcl, isLater: boolean): readonly Line[] {
  const head = [
    `-- the tablets of the keyspace ${keyspace}, for --table-acl-config`,
    ...notes.map((note) => `-- ${note}`),
  ]
  return [
    ...(isLater ? [['']] : []),
    ...head.map((text): Line => [toned('faint', text)]),
    ...JSON.stringify(config, null, 2)
      .split('\n')
      .map((text): Line => [text]),
  ]
}

function isRight({ exists, missing, excess }: CheckedAccount): boolean {
  return exists && missing.length === 0 && excess.length === 0
}

function renderCheck({ accounts, keyspaces = [] }: GrantsCheckResult, page: Page): readonly Line[] {
  return [
    ...accounts.flatMap((checked) => {
      const { server, account, purposes, exists, missing, excess } = checked
      const words = exists ? (isRight(checked) ? 'has exactly the required privileges' : 'differs') : 'does not exist'
      const heading: Line = [
        symbol(isRight(checked) ? 'good' : 'bad'),
        ' ',
        toned('strong', account),
        toned('faint', ` on ${server}`),
        ` ${words} for ${purposes.join(', ')}.`,
      ]
      return [
        ...wrapLine(heading, page.columns, 2),
        ...missing.flatMap((text) => wrapLine(['  Missing:  ', `${text};`], page.columns, 12)),
        ...excess.flatMap((text) => wrapLine(['  Excess: ', `${text};`], page.columns, 12)),
      ]
    }),
    ...renderKeyspaces(keyspaces, page),
  ]
}

/** What was tried, and what vtgate does not show. */
function renderKeyspaces(keyspaces: readonly CheckedKeyspace[], page: Page): readonly Line[] {
  if (keyspaces.length === 0) return []
  const lines = keyspaces.flatMap((checked): readonly Line[] => {
    const { keyspace, asked, missing, absent, unanswered, untried } = checked
    const open = unanswered.length === 0 ? '' : `, and ${unanswered.length} not answered`
    const seen =
      asked === 0 ? 'no right was seen' : `${countOf(missing.length, 'right')} missing of ${asked} that were tried`
    return [
      [
        symbol(isProven(checked) ? 'good' : missing.length > 0 ? 'bad' : 'warning'),
        ' ',
        toned('strong', keyspace),
        ` ${seen}${open}.`,
      ],
      ...missing.flatMap((text) => wrapLine(['  Missing:  ', `${text}.`], page.columns, 12)),
      ...unanswered.flatMap((text) => wrapLine(['  Not answered: ', `${text}.`], page.columns, 16)),
      ...[...absent.map((text) => `${text}.`), ...untried].flatMap((text) =>
        wrapLine(['  Not tried: ', text], page.columns, 13),
      ),
    ]
  })
  const hidden =
    'vtgate does not show whether the user may do more than that, and a tablet that is not strict refuses nothing.'
  return [...lines, ...wrapLine([hidden], page.columns, 0)]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly grants: GrantsResult
    readonly 'grants-check': GrantsCheckResult
  }
}
