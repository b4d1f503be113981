import { isWord } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

export const ownAccount: HazardRule = {
  code: 'OWN_ACCOUNT',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'stored-code',
  title: {
    en: 'A statement that drops, renames or locks the account that applies migrations or one of its roles, or that removes its privileges or changes its password',
    zh: '删除、重命名、锁定执行迁移的账户或其角色，或撤销其权限、更换其密码的语句',
  },
  why: {
    en: 'The migration locks its own account out: the rest of the run may fail half way, and the next run cannot log in or lacks privileges.',
    zh: '迁移会把自己的账户锁在外面：本次运行可能中途失败，下一次运行则无法登录或缺少权限。',
  },
  fix: {
    en: 'Change this account as an administrator, outside of migrations, together with the URL that wwdb connects with.',
    zh: '请由管理员在迁移之外修改该账户，并同时更新 wwdb 所用的连接 URL。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/account-management-statements.html',
  fixtures: {
    found: [
      { sql: 'DROP USER CURRENT_USER()' },
      { sql: 'REVOKE ALL PRIVILEGES, GRANT OPTION FROM CURRENT_USER' },
      { sql: "SET PASSWORD = 'another'" },
    ],
    clean: [
      { sql: "DROP USER 'reports'@'%'" },
      { sql: "ALTER USER CURRENT_USER() IDENTIFIED BY 'another' RETAIN CURRENT PASSWORD" },
    ],
  },
  find: ({ tokens, statement, context: { accounts = [] } }) => {
    if (!takingVerbs.includes(statement.verb) || isHarmless(statement, tokens)) return []
    const own = new Set(['CURRENT_USER', ...accounts].map(foldHost))
    const taken = listTaken(statement).filter((name) => own.has(foldHost(name)))
    const [account] = accounts
    if (taken.length === 0) return []
    const who = account === undefined ? '' : ` as \`${account}\``
    const role = taken.find((name) => name !== 'CURRENT_USER' && name !== account)
    const hasRole = role === undefined ? '' : `, which has the role \`${role}\``
    return [
      {
        message: {
          en: `Migrations are applied${who}${hasRole}: after this statement the run may fail half way, and the next one cannot log in or lacks privileges.`,
          zh: `执行迁移的${account === undefined ? '' : `是 \`${account}\``}${role === undefined ? '' : `（拥有角色 \`${role}\`）`}${account === undefined ? '正是该账户' : ''}：此后本次运行可能中途失败，下一次运行则无法登录或缺少权限。`,
        },
      },
    ]
  },
}

const takingVerbs = [
  'DROP USER',
  'DROP ROLE',
  'RENAME USER',
  'REVOKE',
  'ALTER USER',
  'SET PASSWORD',
  'SET DEFAULT ROLE',
] as const as readonly string[]

/** The server compares user names with regard to case, and hosts without. */
function foldHost(account: string): string {
  const at = account.lastIndexOf('@')
  return at < 0 ? account : account.slice(0, at) + account.slice(at).toLowerCase()
}

/** For a rename, the names that are given up. */
function listTaken({ verb, objects }: Statement): readonly string[] {
  const taken = verb === 'RENAME USER' ? objects.filter((_: ObjectName, at) => at % 2 === 0) : objects
  return taken.map(({ name }) => name)
}

/**
 * An account that may still log in as before: the old password is kept, or the clauses only add or describe something.
 */
function isHarmless({ verb }: Statement, tokens: readonly Token[]): boolean {
  const has = (...words: readonly string[]): boolean => tokens.some((token) => isWord(token, ...words))
  if (verb === 'SET PASSWORD') return has('RETAIN')
  if (verb !== 'ALTER USER') return false
  const isTaken = tokens.some(
    (token, at) =>
      isWord(token, 'LOCK', 'DISCARD', 'ROLE', 'FACTOR') ||
      (isWord(token, 'EXPIRE') && !isWord(tokens[at + 1], 'NEVER', 'DEFAULT', 'INTERVAL')) ||
      (isWord(token, 'REQUIRE') && !isWord(tokens[at + 1], 'NONE')) ||
      /^max_/i.test(token.text),
  )
  return !isTaken && (!has('IDENTIFIED') || has('RETAIN'))
}
