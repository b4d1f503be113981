// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of a configuration look like those of a template
import { describe, expect, it } from 'vitest'
import { resolveText, type Surroundings, sentences } from './resolve-text.ts'

const url = 'mysql://root@127.0.0.1'
const databases = { app: {} }
const two = { one: {}, two: {} }

const namedFile = 'Correct the path, which is relative to the file or folder that contains it, or create the file.'

/** A configuration with one thing wrong, and the sentence it gives. */
const faults: readonly (readonly [unknown, string])[] = [
  [[], 'The configuration must be an object, not a list.'],
  [null, 'The configuration must be an object, not null.'],
  [{ url }, 'databases is missing. Write "databases": {"app": {}} with a name of yours.'],
  [{ url, databases: {} }, 'databases is empty. Write "databases": {"app": {}} with a name of yours.'],
  [
    { url, databases, hooks: { before: { run: [] } } },
    'hooks.before.run does not name a program. Write the program and its arguments: ["node", "hooks/notify.mjs"].',
  ],
  [
    { url, databases, hooks: { after: { run: { command: 'true', timeout: '0s' } } } },
    'hooks.after.run.timeout is "0s", which is not longer than zero. Give it more than zero, such as `10s`.',
  ],
  [
    { url, databases, hooks: { before: { migration: { command: 'true', environment: ['A=1'] } } } },
    'hooks.before.migration.environment[0] is "A=1", which is not a valid variable name. Write a name such as `SLACK_WEBHOOK_URL`.',
  ],
  [
    { url, databases, hooks: { before: { migrate: 'true' } } },
    'hooks.before.migrate is not a known key. Did you mean `migration`?',
  ],
  [
    { url, databases, throttle: { lag: '5' } },
    'throttle.lag is "5", a number without a unit. Write `5s` for seconds, `5ms` for milliseconds or `5d` for days.',
  ],
  [
    { url, databases, throttle: { every: '10ms' } },
    'throttle.every is "10ms", which is shorter than 100 milliseconds. Write `500ms` or `1s`.',
  ],
  [
    { url, databases, throttle: { undo: '20' } },
    'throttle.undo is "20", which is not a size. Write it like `20GB` or `512MB`.',
  ],
  [
    { url, databases, throttle: { checkpointAge: '0.75' } },
    'throttle.checkpointAge is "0.75", which is not a percentage from 1 to 100. Write "75%".',
  ],
  [
    { url, databases, throttle: { window: '02:00-05:00' } },
    'throttle.window is "02:00-05:00", a time window without a time zone. Write it like `02:00-05:00 Asia/Shanghai`, with an IANA time zone name or UTC.',
  ],
  [
    { url, databases, throttle: { queries: { a: { sql: 'DELETE FROM t', most: 1 } } } },
    'throttle.queries.a.sql is "DELETE FROM t", which is not a SELECT. Write a SELECT of one number.',
  ],
  [{ url, databases, throttle: { replica: {} } }, 'throttle.replica is not a known key. Did you mean `replicas`?'],
  [
    { url, databases, throttle: { replicas: { b: { uri: url, url } } } },
    'throttle.replicas.b.uri is not a known key. Did you mean `url`?',
  ],
  [{ url, databases: [] }, 'databases must be an object, not a list.'],
  [{ url, databases: 'app' }, 'databases must be an object, not "app".'],
  [{ url, databases: { app: null } }, 'databases.app must be an object, not null.'],
  [
    { url, databases: { '9lives': {} } },
    'databases.9lives is not a valid name. Use letters, digits and `_`, starting with a letter.',
  ],
  [
    { url, databases: { 'my db': {} } },
    'databases["my db"] is not a valid name. Use letters, digits and `_`, starting with a letter.',
  ],
  [
    { url, databases: { '': {} } },
    'databases[""] is not a valid name. Use letters, digits and `_`, starting with a letter.',
  ],
  [
    { url, databases: { üser: {} } },
    'databases["üser"] is not a valid name. Use letters, digits and `_`, starting with a letter.',
  ],
  [
    { url, databases: { sandbox: {} } },
    '`databases.sandbox` is a reserved name. WWDB_SANDBOX_URL is the URL of the sandbox.',
  ],
  [
    { url, databases: { app: {}, App: {} } },
    '`databases.app` and `databases.App` differ only in case. Both would use the same WWDB_ variables, and the same folder on a case-insensitive file system.',
  ],
  [{ url, databases, timeout: {} }, 'timeout is not a known key. Did you mean `timeouts`?'],
  [
    { url, databases, colour: 1 },
    'colour is not a known key. Valid keys are `url`, `password`, `passwordFile`, `tls`, `allowPublicKeyRetrieval`, `databases`, `prefix`, `references`, `outOfOrder`, `trial`, `strictSince`, `concurrency`, `session`, `timeouts`, `sandbox`, `rotation`, `doctor`, `lint`, `drift`, `hooks`, `guard`, `online`, `retire`, `throttle`, `audit`, `logFile`, `stores`, `environments`.',
  ],
  [
    { url, databases: { user_db: { timeout: '5s' } } },
    'databases.user_db.timeout is not a known key. Valid keys are `url`, `password`, `passwordFile`, `tls`, `allowPublicKeyRetrieval`, `schema`, `migrations`, `templates`, `seeds`, `targets`, `vitess`.',
  ],
  [
    { url, databases: { app: { migration: 'x' } } },
    'databases.app.migration is not a known key. Did you mean `migrations`?',
  ],
  [
    { url, databases: { app: { tls: { cart: 'x' } } } },
    'databases.app.tls.cart is not a known key. Did you mean `cert`?',
  ],
  [{ url, databases, tls: { verfiy: true } }, 'tls.verfiy is not a known key. Did you mean `verify`?'],
  [{ url, databases, timeouts: { lockwait: '5s' } }, 'timeouts.lockwait is not a known key. Did you mean `lockWait`?'],
  [{ url, databases, sandbox: { prot: 1 } }, 'sandbox.prot is not a known key. Did you mean `port`?'],
  [
    { url, databases, environments: { prod: { protect: true } } },
    'environments.prod.protect is not a known key. Did you mean `protected`?',
  ],
  [
    { url, databases, environments: { prod: { environments: {} } } },
    'environments.prod.environments is not a known key. Valid keys are `url`, `password`, `passwordFile`, `tls`, `allowPublicKeyRetrieval`, `databases`, `prefix`, `references`, `outOfOrder`, `trial`, `strictSince`, `concurrency`, `session`, `timeouts`, `sandbox`, `rotation`, `doctor`, `lint`, `drift`, `hooks`, `guard`, `online`, `retire`, `throttle`, `audit`, `logFile`, `stores`, `protected`.',
  ],
  [
    { url, databases, environments: { 'eu-west': {} } },
    'environments.eu-west is not a valid name. Use letters, digits and `_`, starting with a letter.',
  ],
  [
    { url, databases, environments: { prod: { databases: { app: { urll: 'x' } } } } },
    'environments.prod.databases.app.urll is not a known key. Did you mean `url`?',
  ],
  [
    { url, databases, protected: true },
    'protected is not a known key. Valid keys are `url`, `password`, `passwordFile`, `tls`, `allowPublicKeyRetrieval`, `databases`, `prefix`, `references`, `outOfOrder`, `trial`, `strictSince`, `concurrency`, `session`, `timeouts`, `sandbox`, `rotation`, `doctor`, `lint`, `drift`, `hooks`, `guard`, `online`, `retire`, `throttle`, `audit`, `logFile`, `stores`, `environments`.',
  ],
  [{ url, databases, prefix: 5 }, 'prefix must be a string, not 5.'],
  [
    { url, databases, references: 'fysical' },
    'references must be "auto", "physical" or "logical", not "fysical". Did you mean `physical`?',
  ],
  [{ url, databases, references: true }, 'references must be "auto", "physical" or "logical", not true.'],
  [{ url, databases, outOfOrder: 'ignore' }, 'outOfOrder must be "fail", "warn" or "allow", not "ignore".'],
  [{ url, databases, concurrency: 0 }, 'concurrency must be at least 1, not 0.'],
  [{ url, databases, concurrency: 65 }, 'concurrency must be at most 64, not 65.'],
  [{ url, databases, concurrency: 1.5 }, 'concurrency must be a whole number, not 1.5.'],
  [{ url, databases, concurrency: '4' }, 'concurrency must be a number, not "4".'],
  [
    { url, databases, timeouts: { lock: 300 } },
    'timeouts.lock is 300, a number without a unit. Write `300s` for seconds, `300ms` for milliseconds or `300d` for days.',
  ],
  [
    { url, databases, timeouts: { lock: '300' } },
    'timeouts.lock is "300", a number without a unit. Write `300s` for seconds, `300ms` for milliseconds or `300d` for days.',
  ],
  [
    { url, databases, timeouts: { statement: 'five' } },
    'timeouts.statement is "five", not a duration. Write it like `500ms`, `5s`, `10m`, `2h`, `7 days` or `1h30m`.',
  ],
  [
    { url, databases, timeouts: { statement: '0' } },
    'timeouts.statement is "0", which is not longer than zero. Give it more than zero, such as `10s`.',
  ],
  [
    { url, databases, timeouts: { connect: '0s' } },
    'timeouts.connect is "0s", which is not longer than zero. Give it more than zero, such as `10s`.',
  ],
  [{ url, databases, timeouts: { lock: 'none' } }, 'timeouts.lock cannot be `none`. Give it a limit, such as `10m`.'],
  [
    { url, databases, timeouts: { lockWait: '1500ms' } },
    'timeouts.lockWait is "1500ms", which MySQL does not support. Give it in whole seconds, at least `1s`.',
  ],
  [
    { url, databases, timeouts: { lock: '900h' } },
    'timeouts.lock is "900h", too long. The longest duration here is "596h".',
  ],
  [
    { url, databases, session: { timeZone: 'SYSTEM' } },
    'session.timeZone is `SYSTEM`, which differs between servers and can change later. Write an offset, such as `+08:00`. A name would depend on the time zone tables of each server.',
  ],
  [
    { url, databases, session: { timeZone: 'Asia/Shanghai' } },
    'session.timeZone is "Asia/Shanghai", which is not an offset from -12:59 to +13:00. Write an offset, such as `+08:00`. A name would depend on the time zone tables of each server.',
  ],
  [
    { url, databases, session: { timeZone: '+14:00' } },
    'session.timeZone is "+14:00", which is not an offset from -12:59 to +13:00. Write an offset, such as `+08:00`. A name would depend on the time zone tables of each server.',
  ],
  [
    { url, databases, session: { sqlMode: '' } },
    'session.sqlMode has no strict mode, so values that do not fit would be truncated. Add STRICT_TRANS_TABLES. A migration can turn it off with SET sql_mode = ..., which is checked for hazards.',
  ],
  [
    { url, databases, session: { sqlMode: 'strict_trans_tables,ANSI_QUOTES' } },
    'session.sqlMode contains ANSI_QUOTES, which wwdb does not allow in a session. Known: ONLY_FULL_GROUP_BY, STRICT_TRANS_TABLES, NO_ZERO_IN_DATE, NO_ZERO_DATE, ERROR_FOR_DIVISION_BY_ZERO, NO_ENGINE_SUBSTITUTION, STRICT_ALL_TABLES, ALLOW_INVALID_DATES, NO_AUTO_VALUE_ON_ZERO, NO_UNSIGNED_SUBTRACTION, NO_DIR_IN_CREATE, TIME_TRUNCATE_FRACTIONAL, REAL_AS_FLOAT. A migration can set another mode for itself: SET sql_mode = ...',
  ],
  [
    { url, databases, session: { timezone: '+08:00' } },
    'session.timezone is not a known key. Did you mean `timeZone`?',
  ],
  [{ url, databases, tls: true }, 'tls must be an object, not true.'],
  [
    { url, databases, tls: 'requried' },
    'tls must be `disabled`, `preferred` or `required`, not "requried". To verify the server, write an object: {"ca": "ca.pem"}.',
  ],
  [{ url, databases, tls: { verify: 'no' } }, 'tls.verify must be true or false, not "no".'],
  [
    { url, databases, tls: { ca: 'absent.pem' } },
    `tls.ca names the file "absent.pem", which does not exist. ${namedFile}`,
  ],
  [{ url, databases, tls: { cert: 'here.pem' } }, 'tls.cert is given without "key". A client certificate needs both.'],
  [
    { url, databases: { app: { tls: { key: 'here.pem' } } } },
    'databases.app.tls.key is given without "cert". A client certificate needs both.',
  ],
  [
    { url, databases, passwordFile: 'absent' },
    `passwordFile names the file "absent", which does not exist. ${namedFile}`,
  ],
  [
    { url, databases, password: 'a', passwordFile: 'here.pem' },
    'passwordFile is given together with password. Keep one of them.',
  ],
  [{ url, databases, sandbox: { port: 65536 } }, 'sandbox.port must be at most 65535, not 65536.'],
  [
    { url, databases, sandbox: { url: 'redis://h' } },
    'sandbox.url begins with "redis:". Write `mysql://user:password@host:3306/schema`.',
  ],
  [
    { url: 'postgres://root@h/', databases },
    'url begins with "postgres:". Write `mysql://user:password@host:3306/schema`.',
  ],
  [{ url: 3306, databases }, 'url must be a string, not a number.'],
  [
    { databases: two },
    'No URL is given for `databases.one`, `databases.two`. Write `url` there or once at the top, set WWDB_URL or `WWDB_ONE_URL`, or use `--url`.',
  ],
  [
    { databases: { one: { url }, two: {} } },
    'No URL is given for `databases.two`. Write `url` there or once at the top, set WWDB_URL or `WWDB_TWO_URL`, or use `--url`.',
  ],
  [
    { url: `${url}/same`, databases: two },
    '`databases.one` and `databases.two` both use the schema `same` on 127.0.0.1:3306. Give each its own `schema`, or leave the path out of the URL, so that each uses its own name.',
  ],
  [
    { url, databases: { one: { schema: 'two' }, two: {} } },
    '`databases.one` and `databases.two` both use the schema `two` on 127.0.0.1:3306. Give each its own `schema`, or leave the path out of the URL, so that each uses its own name.',
  ],
  [
    { url, databases: { one: { migrations: './m/' }, two: { migrations: 'm' } } },
    '`databases.one` and `databases.two` both read their migrations from `m`. Give each its own "migrations" folder.',
  ],
  [
    { url, databases: { app: { schema: 'x'.repeat(65) } } },
    `databases.app.schema makes the schema name 65 characters long; MySQL allows 64. Choose another name, or another prefix.`,
  ],
  [
    { url, prefix: 'p'.repeat(62), databases },
    `The name of \`databases.app\` makes the schema name 65 characters long; MySQL allows 64. Give it a \`schema\`, or another prefix.`,
  ],
  [
    { url: `${url}/${'x'.repeat(65)}`, databases },
    `url makes the schema name 65 characters long; MySQL allows 64. Choose another name, or another prefix.`,
  ],
  [
    { url, databases: { app: { schema: 'a\0b' } } },
    `databases.app.schema makes the schema name contain a NUL character. Choose another name, or another prefix.`,
  ],
  [
    { url, databases: { app: { schema: '' } } },
    `databases.app.schema makes the schema name empty. Choose another name, or another prefix.`,
  ],
  [
    { url, databases: { app: { schema: 'a ' } } },
    `databases.app.schema makes the schema name end with a space, which MySQL refuses. Choose another name, or another prefix.`,
  ],
  [
    { url, databases: { app: { schema: '😀' } } },
    `databases.app.schema makes the schema name contain a character beyond U+FFFF, which MySQL refuses in names. Choose another name, or another prefix.`,
  ],
  [
    { url, databases: { app: { schema: 'MySQL' } } },
    `databases.app.schema makes the schema name "MySQL", which belongs to the server itself. Choose another name, or another prefix.`,
  ],
  [
    { url: '${DB_URL}', databases },
    'url needs the variable `DB_URL`, which is not set. Set `DB_URL`, or write a default: ${DB_URL:-default}.',
  ],
  [{ url, databases: { app: { schema: '${NAME' } } }, 'databases.app.schema contains a "${" without a closing "}".'],
  [{ url, databases, prefix: '${NAME?}' }, 'prefix contains a reference that is neither ${NAME} nor ${NAME:-default}.'],
  [{ url, databases, pasword: '${NOT_SET}' }, 'pasword is not a known key. Did you mean `password`?'],
]

/** The same for what flags and the environment say. */
const outside: readonly (readonly [Surroundings, string])[] = [
  [{ environmentName: 'prod' }, 'The environment "prod" does not exist. The configuration has no environments.'],
  [{ environment: { WWDB_CONCURRENCY: 'many' } }, 'WWDB_CONCURRENCY must be a number, not "many".'],
  [{ environment: { WWDB_CONCURRENCY: '0' } }, 'WWDB_CONCURRENCY must be at least 1, not 0.'],
  [
    { environment: { WWDB_LOCK_TIMEOUT: '30' } },
    'WWDB_LOCK_TIMEOUT is "30", a number without a unit. Write `30s` for seconds, `30ms` for milliseconds or `30d` for days.',
  ],
  [
    { environment: { WWDB_REFERENCES: 'none' } },
    'WWDB_REFERENCES must be "auto", "physical" or "logical", not "none".',
  ],
  [{ environment: { WWDB_TLS_VERIFY: 'no' } }, 'WWDB_TLS_VERIFY must be true or false, not "no".'],
  [
    { environment: { WWDB_URL: 'localhost' } },
    'WWDB_URL does not begin with `mysql://`. Write `mysql://user:password@host:3306/schema`.',
  ],
  [
    { environment: { WWDB_APP_URL: 'mysql://h/' } },
    'WWDB_APP_URL does not name a user. Write `mysql://user:password@host:3306/schema`.',
  ],
  [
    { environment: { WWDB_APP_PASSWORD_FILE: '/absent' } },
    `WWDB_APP_PASSWORD_FILE names the file "/absent", which does not exist. ${namedFile}`,
  ],
  [
    { flags: { lockTimeout: '30' } },
    '--lock-timeout is "30", a number without a unit. Write `30s` for seconds, `30ms` for milliseconds or `30d` for days.',
  ],
  [
    { flags: { outOfOrder: 'alow' } },
    '--out-of-order must be "fail", "warn" or "allow", not "alow". Did you mean `allow`?',
  ],
  [{ flags: { url: '' } }, '--url does not begin with `mysql://`. Write `mysql://user:password@host:3306/schema`.'],
]

describe('one fault, one sentence', () => {
  it.each(faults)('%j', (document, sentence) => {
    const resolution = resolveText(JSON.stringify(document), { files: { 'here.pem': 'PEM' } })
    expect(sentences(resolution)).toEqual([sentence])
  })

  it.each(outside)('%j', (around, sentence) => {
    expect(sentences(resolveText(JSON.stringify({ url, databases }), around))).toEqual([sentence])
  })

  it.each([
    [
      'mysql://root@h',
      '--url does not name a schema. Without a configuration file there is one database, named like the schema. Add it (mysql://user@host:3306/app), or create a configuration with `wwdb init`.',
    ],
    [
      'mysql://root@h/my-app',
      '--url names a schema that cannot be the name of a database. Without a configuration file there is one database, named like the schema. Add it (mysql://user@host:3306/app), or create a configuration with `wwdb init`.',
    ],
  ])('without a file, %s', (given, sentence) => {
    expect(sentences(resolveText(null, { flags: { url: given } }))).toEqual([sentence])
  })

  it('an environment that is unknown names those that are known, and the one that was meant', () => {
    const text = JSON.stringify({ url, databases, environments: { production: {}, staging: {} } })
    expect(sentences(resolveText(text, { environmentName: 'prodution' }))).toEqual([
      'The environment "prodution" does not exist. Known: production, staging. Did you mean `production`?',
    ])
  })

  it('an environment cannot add a database', () => {
    const text = JSON.stringify({ url, databases, environments: { prod: { databases: { ap: {}, entirely: {} } } } })
    expect(sentences(resolveText(text, { environmentName: 'prod' }))).toEqual([
      'environments.prod.databases.ap is a database that is not in `databases`. Did you mean `app`?',
      'environments.prod.databases.entirely is a database that is not in `databases`. Add `databases.entirely`: an environment can change databases, but not add any.',
    ])
  })
})

describe('several faults', () => {
  const text = `{
  "url": "mysql://root@h",
  "databases": {
    "one": { "schem": "x" },
    "two": { "migrations": "migrations/one", "url": 5 }
  },
  "timeouts": {
    "lock": 5
  },
  "prefix": "\${P}",
  "concurrency": 0
}`

  it('are all found at once, in the order of the file', () => {
    const { faults: found } = resolveText(text, { environment: { WWDB_CONCURRENCY: '-1' } })
    expect(found.map((fault) => [fault.what, fault.where?.line, fault.where?.column])).toEqual([
      ['databases.one.schem is not a known key.', 4, 14],
      ['databases.two.url must be a string, not a number.', 5, 46],
      ['timeouts.lock is 5, a number without a unit.', 8, 5],
      ['prefix needs the variable `P`, which is not set.', 10, 3],
      ['concurrency must be at least 1, not 0.', 11, 3],
      ['WWDB_CONCURRENCY must be at least 1, not -1.', undefined, undefined],
      ['`databases.one` and `databases.two` both read their migrations from `migrations/one`.', undefined, undefined],
    ])
  })

  it('show the key, never the value beside it', () => {
    const { faults: found } = resolveText(text)
    expect(found.flatMap((fault) => fault.excerpt ?? [])).toEqual([
      { text: '    "lock"', line: 8, column: 5 },
      { text: '  "prefix"', line: 10, column: 3 },
      { text: '  "concurrency"', line: 11, column: 3 },
    ])
  })
})
