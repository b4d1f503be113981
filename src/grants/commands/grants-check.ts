import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { quoteAccount } from '../../sql/quote-name.ts'
import { readAccountName } from '../account.ts'
import { revokeOf } from '../apply-account.ts'
import { compareGrants, readGrants } from '../compare-grants.ts'
import { computeGrants, type GrantProject } from '../compute-grants.ts'
import { explainPatterns, grantText, joinGrants, selectGrantable } from '../grant.ts'
import { type CheckedKeyspace, checkKeyspace, isProven } from '../keyspace-rights.ts'
import { accountServers, keyspaceRights } from '../ports.ts'
import { type Purpose, purposes } from '../purpose.ts'
import { groupByServer, readGrantProject } from '../read-project.ts'
import { computeTableAcls } from '../table-acl.ts'
import type { CheckedAccount } from './grants-view.ts'

/**
 * `wwdb grants check`: which privileges an account lacks, and which are excessive. Writes nothing; exit code 1 where anything
 * differs.
 */
export const command = defineCommand({
  name: 'grants check',
  group: 'Databases and projects',
  summary: 'show missing and excess privileges of an account',
  purpose:
    'Compares the privileges of an account on every server with the minimum for its purposes, and prints the ' +
    'GRANT for each missing privilege and the REVOKE for each excess one. Changes nothing. The configured user ' +
    'needs SELECT on the schema mysql to see the grants of another account. For a keyspace of Vitess it tries, as the ' +
    'configured user and without changing anything, what the table ACL of the tablets must let that user do. Exit code 1 if anything differs, or if a keyspace did not answer.',
  examples: [
    { command: 'wwdb grants check deploy@10.0.% --for migrate', purpose: 'before a deployment' },
    { command: 'wwdb grants check wwdb_check --for check --json', purpose: 'for a program' },
  ],
  arguments: { account: { description: 'the account, as NAME or NAME@HOST; without a host NAME@%', required: true } },
  flags: {
    'What for': {
      for: {
        value: 'PURPOSE',
        description: 'what the account is for; may be repeated',
        choices: purposes,
        otherwise: 'all purposes',
        repeatable: true,
      },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const config = await context.config()
    const project = await readGrantProject(config)
    const account = readAccountName(options.account)
    const chosen = options.for.length === 0 ? purposes : options.for
    const servers = await context.port(accountServers)
    const accounts: CheckedAccount[] = []
    const all = selectDatabases(config, context.targets)
    const keyspaces = await checkKeyspaces(context, project, account, chosen, all)
    for (const [label, databases] of groupByServer(all.filter(({ vitess }) => vitess === undefined))) {
      const [first] = databases
      if (first === undefined) continue
      const needed = joinGrants(chosen.flatMap((purpose) => computeGrants(project, purpose, databases)))
      const server = await servers.open(first, config.timeouts)
      try {
        const state = await server.read(account)
        const { rules } = server
        const message = explainPatterns(label, needed, rules)
        if (message !== null) context.emit({ type: 'warning', target: null, message })
        const held = readGrants(state.type === 'absent' ? [] : state.grants)
        const { missing, excess } = compareGrants(selectGrantable(needed, rules), held, rules)
        const quoted = quoteAccount(account)
        accounts.push({
          server: label,
          account,
          purposes: chosen,
          exists: state.type === 'present',
          missing: missing.map((grant) => grantText(grant, quoted, rules)),
          excess: excess.map(({ privileges, place, line }) => revokeOf(privileges, place, line, quoted)),
        })
      } finally {
        await server.close()
      }
    }
    const differs =
      accounts.some(({ exists, missing, excess }) => !exists || missing.length > 0 || excess.length > 0) ||
      keyspaces.some((one) => !isProven(one))
    return {
      result: { kind: 'grants-check', accounts, ...(keyspaces.length > 0 && { keyspaces }) },
      exitCode: differs ? exitCodes.findings : exitCodes.done,
    }
  },
})

/** What the account may do on each keyspace of the databases. Throws ToolError `SERVER_UNSUPPORTED` for another account than that of the configuration. */
async function checkKeyspaces(
  context: Context,
  project: GrantProject,
  account: string,
  its: readonly Purpose[],
  databases: readonly DatabaseConfig[],
): Promise<readonly CheckedKeyspace[]> {
  const found: CheckedKeyspace[] = []
  const own = databases.filter(({ vitess }) => vitess !== undefined)
  if (own.length === 0) return found
  const user = account.slice(0, account.lastIndexOf('@'))
  const other = own.find(({ server }) => server.user !== user)
  if (other !== undefined) throw notItself(user, other)
  const { timeouts } = await context.config()
  const open = await context.port(keyspaceRights)
  for (const [, alike] of groupByServer(own)) {
    const [first] = alike
    if (first === undefined) continue
    const server = await open(first, timeouts)
    try {
      for (const acl of computeTableAcls(project, [{ user, purposes: its }], alike))
        found.push(await checkKeyspace(acl, server))
    } finally {
      await server.close()
    }
  }
  return found
}

const notItself = (user: string, { name, server }: DatabaseConfig): ToolError =>
  new ToolError('SERVER_UNSUPPORTED', {
    what: `What \`${user}\` may do on \`${name}\` cannot be asked.`,
    where: { database: name, server: server.label },
    why: `The database is a keyspace. vtgate shows a user what it may do itself, and nothing of others; the configuration logs in as \`${server.user}\`.`,
    next: `Check \`${server.user}\`, or give the configuration the URL of \`${user}\` for this command; \`--target\` leaves \`${name}\` out.`,
  })
