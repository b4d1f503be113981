import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { quoteAccount } from '../../sql/quote-name.ts'
import { comesOverNetwork, readAccountName, requirement } from '../account.ts'
import { type AccountPlan, planAccount } from '../apply-account.ts'
import { computeGrants } from '../compute-grants.ts'
import { explainPatterns, type Grant, grantText, joinGrants, selectGrantable } from '../grant.ts'
import { type AccountServer, accountServers } from '../ports.ts'
import { lastingPurposes, type Purpose, purposes } from '../purpose.ts'
import { groupByServer, readGrantProject } from '../read-project.ts'
import { computeTableAcls, type VtgateUser } from '../table-acl.ts'
import type { GrantedAccount } from './grants-view.ts'

const flags = defineFlags({
  'What for': {
    for: {
      value: 'PURPOSE',
      description: 'what the account is for; may be repeated',
      choices: purposes,
      otherwise: 'each purpose but `split`, with a separate account',
      repeatable: true,
    },
    user: {
      value: 'NAME',
      description: 'the account, as NAME or NAME@HOST, for all given purposes',
      otherwise: 'wwdb_PURPOSE@%',
    },
  },
  'What to do': {
    apply: { description: 'create the accounts, and change accounts that wwdb created to these grants; asks first' },
    dryRun: { ...dryRun, description: 'with --apply: show what would run, without changing anything' },
    passwordFile: {
      value: 'FILE',
      type: 'file',
      description: 'the password of new accounts: the first line of a file of mode 0600',
      otherwise: 'stdin',
    },
    withoutTls: {
      description: 'omit REQUIRE SSL even if the account logs in over a network, for a trusted network',
    },
  },
})

/** `wwdb grants`: the minimum privileges of accounts, as SQL; `--apply` creates the accounts. */
export const command = defineCommand({
  name: 'grants',
  group: 'Databases and projects',
  summary: 'print the minimum privileges of accounts, as SQL',
  purpose:
    'Computes the privileges that an account needs for each purpose from the configuration, the migrations, the ' +
    'shard templates and the seeds, and prints them as SQL for every server. With `--apply` it creates the ' +
    'accounts, after a question, and updates accounts that it created to the current needs; other accounts are ' +
    'never changed. A password is read from stdin or a file, and never printed. For a keyspace of Vitess it prints the ' +
    'entries that the users of vtgate need in the table ACL of the tablets.',
  examples: [
    { command: 'wwdb grants', purpose: 'all purposes, for review' },
    { command: 'wwdb grants --for migrate --for rotate --user deploy@10.0.%', purpose: 'one account for two purposes' },
    { command: 'wwdb grants --for check --apply --password-file check.secret', purpose: 'make an account' },
  ],
  flags,
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const config = await context.config()
    const project = await readGrantProject(config)
    const wanted = accountsOf(options)
    const accounts: GrantedAccount[] = []
    const chosen = selectDatabases(config, context.targets)
    const keyspaces = chosen.filter(({ vitess }) => vitess !== undefined)
    if (options.apply) refuseToApply(keyspaces)
    for (const [label, databases] of groupByServer(chosen.filter(({ vitess }) => vitess === undefined))) {
      const needed = wanted.map(({ account, purposes: its }) => ({
        account,
        purposes: its,
        grants: joinGrants(its.flatMap((purpose) => computeGrants(project, purpose, databases))),
      }))
      const useful = needed.filter(({ grants }) => grants.length > 0)
      accounts.push(
        ...(options.apply
          ? await applyAll(context, options, label, databases, useful)
          : useful.map((one) => ({ ...printed(one, options.withoutTls), server: label }))),
      )
    }
    const tableAcls = keyspaces.length === 0 ? [] : computeTableAcls(project, wanted.map(toUser), keyspaces)
    return {
      result: {
        kind: 'grants',
        ...{ accounts, applied: options.apply && !options.dryRun, ...(keyspaces.length > 0 && { tableAcls }) },
      },
      exitCode: exitCodes.done,
    }
  },
})

/** Users of vtgate have a name, and no host. */
const toUser = ({ account, purposes: its }: WantedAccount): VtgateUser => ({
  user: account.slice(0, account.lastIndexOf('@')),
  purposes: its,
})

/** Throws ToolError `SERVER_UNSUPPORTED`. */
function refuseToApply(keyspaces: readonly DatabaseConfig[]): void {
  if (keyspaces.length === 0) return
  const names = keyspaces.map(({ name }) => `\`${name}\``).join(', ')
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `\`wwdb grants --apply\` does not create users of a vtgate: ${names} ${keyspaces.length === 1 ? 'is a keyspace' : 'are keyspaces'}.`,
    why: 'Who may log in is in the list of users of vtgate, and who may use a table is in the table ACL of the tablets: neither can be changed through vtgate.',
    next: 'Leave `--apply` out: the entries for the table ACL are printed. Databases on MySQL itself are chosen with `--target`.',
  })
}

interface WantedAccount {
  readonly account: string
  readonly purposes: readonly Purpose[]
}

type NeededAccount = WantedAccount & { readonly grants: readonly Grant[] }

/** Throws ToolError `USAGE` (64). */
function accountsOf(options: Options<typeof flags>): readonly WantedAccount[] {
  const chosen = options.for.length === 0 ? lastingPurposes : options.for
  if (options.user !== undefined) return [{ account: readAccountName(options.user), purposes: chosen }]
  return chosen.map((purpose) => ({ account: `wwdb_${purpose}@%`, purposes: [purpose] }))
}

function printed(
  { account, purposes: its, grants }: NeededAccount,
  withoutTls: boolean,
): Omit<GrantedAccount, 'server'> {
  const quoted = quoteAccount(account)
  const create = `CREATE USER IF NOT EXISTS ${quoted} IDENTIFIED BY RANDOM PASSWORD${requirement({ requireTls: !withoutTls && comesOverNetwork(account), marks: true })}`
  return {
    account,
    purposes: its,
    state: 'printed',
    statements: [create, ...grants.map((grant) => grantText(grant, quoted))],
  }
}

async function applyAll(
  context: Context,
  options: Options<typeof flags>,
  label: string,
  databases: readonly DatabaseConfig[],
  needed: readonly NeededAccount[],
): Promise<readonly GrantedAccount[]> {
  const [first] = databases
  if (first === undefined) return []
  const { timeouts } = await context.config()
  const server = await (await context.port(accountServers)).open(first, timeouts)
  try {
    const plans: AccountPlan[] = []
    const { rules } = server
    const all = needed.flatMap(({ grants }) => grants)
    const message = explainPatterns(label, all, rules)
    if (message !== null) context.emit({ type: 'warning', target: null, message })
    for (const { account, grants } of needed) {
      plans.push(planAccount(account, selectGrantable(grants, rules), await server.read(account), label, rules))
    }
    const isNothing = plans.every(({ create, statements }) => !create && statements.length === 0)
    if (!options.dryRun && !isNothing) await carryOut(context, options, label, server, plans)
    return needed.map(({ account, purposes: its }, index) => {
      const { create = false, statements = [] } = plans[index] ?? {}
      const state = create ? 'created' : statements.length > 0 ? 'changed' : 'unchanged'
      return { server: label, account, purposes: its, state, statements }
    })
  } finally {
    await server.close()
  }
}

async function carryOut(
  context: Context,
  options: Options<typeof flags>,
  label: string,
  server: AccountServer,
  plans: readonly AccountPlan[],
): Promise<void> {
  const made = plans.filter(({ create }) => create)
  const password = made.length === 0 ? null : await readPassword(context, options.passwordFile)
  const changes = plans.filter(({ create, statements }) => !create && statements.length > 0)
  const parts = [
    ...(made.length === 0 ? [] : [`makes \`${made.map(({ account }) => account).join('`, `')}\``]),
    ...(changes.length === 0 ? [] : [`changes \`${changes.map(({ account }) => account).join('`, `')}\``]),
  ]
  const count = plans.reduce((sum, { statements }) => sum + statements.length, 0)
  const what = `This ${parts.join(' and ')} on ${label}, by ${countOf(count, 'statement')}.`
  await context.confirm({ what, level: 'moderate', name: label })
  for (const { account, create, statements } of plans) {
    if (create && password !== null) {
      const requireTls = !options.withoutTls && comesOverNetwork(account)
      await server.create({ account, password, requireTls })
    }
    await server.change(statements)
  }
}

/** Throws ToolError `USAGE` (64) for a file that others may read, or that has no password. */
async function readPassword(context: Context, file: string | undefined): Promise<string> {
  if (file === undefined) return context.process.readSecret()
  const path = resolve(context.process.cwd, file)
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  const refuse = (what: string, next: string): ToolError => new ToolError('USAGE', { what, where: { file }, next })
  if (mode === undefined) throw refuse('The file of the password does not exist.', 'Correct --password-file.')
  if ((mode & 0o077) !== 0)
    throw refuse('The file of the password can be read by other users of this machine.', `Run \`chmod 0600 ${file}\`.`)
  const password = readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  if (password === '') throw refuse('The file of the password is empty.', 'Write the password in its first line.')
  return password
}
