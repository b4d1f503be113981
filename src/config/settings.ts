import { type StoreKind, storeKinds } from '../core/store.ts'
import type { FlagSettings } from './request.ts'
import { defaultSession } from './session.ts'

/** How a text from the command line or the environment is converted to a value of the configuration. */
export type SettingForm = 'text' | 'number' | 'boolean'

/** One setting: its place in the file, its environment variable and its flag. */
export interface SettingDefinition {
  readonly path: string
  readonly form: SettingForm
  readonly variable: string
  readonly flag: { readonly key: keyof FlagSettings; readonly name: string } | null
}

/** The settings that exist once. `environment` and `--config` are not among them: they determine what is read. */
export const generalSettings: readonly SettingDefinition[] = [
  define('url', 'text', 'WWDB_URL', 'url', '--url'),
  define('password', 'text', 'WWDB_PASSWORD'),
  define('passwordFile', 'text', 'WWDB_PASSWORD_FILE'),
  define('prefix', 'text', 'WWDB_PREFIX', 'prefix', '--prefix'),
  define('references', 'text', 'WWDB_REFERENCES', 'references', '--references'),
  define('outOfOrder', 'text', 'WWDB_OUT_OF_ORDER', 'outOfOrder', '--out-of-order'),
  define('trial', 'text', 'WWDB_TRIAL', 'trial', '--trial'),
  define('strictSince', 'text', 'WWDB_STRICT_SINCE'),
  define('drift.migrate', 'text', 'WWDB_DRIFT_MIGRATE'),
  define('drift.grace', 'text', 'WWDB_DRIFT_GRACE'),
  define('concurrency', 'number', 'WWDB_CONCURRENCY', 'concurrency', '--concurrency'),
  define('session.timeZone', 'text', 'WWDB_SESSION_TIME_ZONE'),
  define('session.sqlMode', 'text', 'WWDB_SESSION_SQL_MODE'),
  define('timeouts.connect', 'text', 'WWDB_CONNECT_TIMEOUT', 'connectTimeout', '--connect-timeout'),
  define('timeouts.lock', 'text', 'WWDB_LOCK_TIMEOUT', 'lockTimeout', '--lock-timeout'),
  define('timeouts.lockWait', 'text', 'WWDB_LOCK_WAIT_TIMEOUT', 'lockWaitTimeout', '--lock-wait-timeout'),
  define('timeouts.statement', 'text', 'WWDB_STATEMENT_TIMEOUT', 'statementTimeout', '--statement-timeout'),
  define('allowPublicKeyRetrieval', 'boolean', 'WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL'),
  define('tls', 'text', 'WWDB_TLS'),
  define('tls.ca', 'text', 'WWDB_TLS_CA'),
  define('tls.cert', 'text', 'WWDB_TLS_CERT'),
  define('tls.key', 'text', 'WWDB_TLS_KEY'),
  define('tls.verify', 'boolean', 'WWDB_TLS_VERIFY'),
  define('sandbox.directory', 'text', 'WWDB_SANDBOX_DIRECTORY'),
  define('sandbox.port', 'number', 'WWDB_SANDBOX_PORT'),
  define('sandbox.url', 'text', 'WWDB_SANDBOX_URL'),
  define('rotation.schedule', 'text', 'WWDB_ROTATION_SCHEDULE'),
  define('rotation.zone', 'text', 'WWDB_ROTATION_ZONE'),
  define('rotation.alertDelay', 'text', 'WWDB_ROTATION_ALERT_DELAY'),
  define('rotation.archive', 'text', 'WWDB_ROTATION_ARCHIVE'),
  define('rotation.clockSkew', 'text', 'WWDB_ROTATION_CLOCK_SKEW'),
  define('rotation.connections', 'number', 'WWDB_ROTATION_CONNECTIONS'),
  define('doctor.backup', 'text', 'WWDB_DOCTOR_BACKUP'),
  define('doctor.backupAge', 'text', 'WWDB_DOCTOR_BACKUP_AGE'),
  define('doctor.encryption', 'boolean', 'WWDB_DOCTOR_ENCRYPTION'),
  define('doctor.freeDisk', 'text', 'WWDB_DOCTOR_FREE_DISK'),
  define('doctor.longTransaction', 'text', 'WWDB_DOCTOR_LONG_TRANSACTION'),
  define('audit.keep', 'text', 'WWDB_AUDIT_KEEP'),
  define('guard.transaction', 'text', 'WWDB_GUARD_TRANSACTION'),
  define('guard.budget', 'text', 'WWDB_GUARD_BUDGET'),
  define('online.tool', 'text', 'WWDB_ONLINE_TOOL'),
  define('online.inplace', 'text', 'WWDB_ONLINE_INPLACE'),
  define('online.grace', 'text', 'WWDB_ONLINE_GRACE'),
  define('retire.grace', 'text', 'WWDB_RETIRE_GRACE'),
  define('throttle.mode', 'text', 'WWDB_THROTTLE', 'throttle', '--throttle'),
  define('throttle.lag', 'text', 'WWDB_MAX_LAG', 'maxLag', '--max-lag'),
  define('throttle.heartbeat', 'text', 'WWDB_THROTTLE_HEARTBEAT'),
  define('throttle.groupQueue', 'number', 'WWDB_THROTTLE_GROUP_QUEUE'),
  define('throttle.threadsRunning', 'number', 'WWDB_MAX_THREADS', 'maxThreads', '--max-threads'),
  define('throttle.historyLength', 'number', 'WWDB_THROTTLE_HISTORY_LENGTH'),
  define('throttle.checkpointAge', 'text', 'WWDB_THROTTLE_CHECKPOINT_AGE'),
  define('throttle.undo', 'text', 'WWDB_THROTTLE_UNDO'),
  define('throttle.freeDisk', 'text', 'WWDB_THROTTLE_FREE_DISK'),
  define('throttle.window', 'text', 'WWDB_THROTTLE_WINDOW'),
  define('throttle.stopAt', 'text', 'WWDB_STOP_AT', 'stopAt', '--stop-at'),
  define('throttle.resume', 'text', 'WWDB_THROTTLE_RESUME'),
  define('throttle.limit', 'text', 'WWDB_THROTTLE_LIMIT', 'throttleLimit', '--throttle-limit'),
  define('throttle.every', 'text', 'WWDB_THROTTLE_EVERY'),
  define('logFile', 'text', 'WWDB_LOG_FILE', 'logFile', '--log-file'),
  define('lint.language', 'text', 'WWDB_LINT_LANGUAGE'),
  define('lint.target', 'text', 'WWDB_LINT_TARGET'),
  define('lint.platform', 'text', 'WWDB_LINT_PLATFORM'),
  define('lint.strict', 'boolean', 'WWDB_LINT_STRICT'),
]

/** The settings of a store: `stores.redis.url` is `WWDB_STORES_REDIS_URL`. */
export function storeSettings(store: StoreKind): readonly SettingDefinition[] {
  const path = `stores.${store}`
  const variable = `WWDB_STORES_${store.toUpperCase()}`
  const takesToken = store === 'elasticsearch' || store === 'influxdb'
  return [
    define(`${path}.url`, 'text', `${variable}_URL`),
    define(`${path}.password`, 'text', `${variable}_PASSWORD`),
    define(`${path}.passwordFile`, 'text', `${variable}_PASSWORD_FILE`),
    ...(takesToken ? [define(`${path}.token`, 'text', `${variable}_TOKEN`)] : []),
    ...(takesToken ? [define(`${path}.tokenFile`, 'text', `${variable}_TOKEN_FILE`)] : []),
    define(`${path}.tls.ca`, 'text', `${variable}_TLS_CA`),
    define(`${path}.tls.cert`, 'text', `${variable}_TLS_CERT`),
    define(`${path}.tls.key`, 'text', `${variable}_TLS_KEY`),
    define(`${path}.tls.verify`, 'boolean', `${variable}_TLS_VERIFY`),
    define(`${path}.declarations`, 'text', `${variable}_DECLARATIONS`),
  ]
}

/** The settings of one logical database: `databases.user_db.url` is `WWDB_USER_DB_URL`. */
export function databaseSettings(database: string): readonly SettingDefinition[] {
  const path = `databases.${database}`
  const variable = `WWDB_${database.toUpperCase()}`
  return [
    define(`${path}.url`, 'text', `${variable}_URL`),
    define(`${path}.password`, 'text', `${variable}_PASSWORD`),
    define(`${path}.passwordFile`, 'text', `${variable}_PASSWORD_FILE`),
    define(`${path}.schema`, 'text', `${variable}_SCHEMA`),
    define(`${path}.migrations`, 'text', `${variable}_MIGRATIONS`),
    define(`${path}.templates`, 'text', `${variable}_TEMPLATES`),
    define(`${path}.seeds`, 'text', `${variable}_SEEDS`),
  ]
}

/** The defaults. */
export function defaultSettings(databases: readonly string[]): ReadonlyMap<string, string | number | boolean> {
  return new Map<string, string | number | boolean>([
    ['prefix', ''],
    ['references', 'auto'],
    ['outOfOrder', 'fail'],
    ['trial', 'auto'],
    ['drift.grace', '14d'],
    ['concurrency', Math.min(8, Math.max(1, databases.length))],
    ['session.timeZone', defaultSession.timeZone],
    ['session.sqlMode', defaultSession.sqlMode],
    ['timeouts.connect', '10s'],
    ['timeouts.lock', '5m'],
    ['timeouts.lockWait', '5s'],
    ['timeouts.statement', 'none'],
    ['sandbox.directory', '.wwdb/sandbox'],
    // Below 32768, from which Linux assigns ports to outgoing connections. The stores use higher ports, up to port +
    // 10015.
    ['sandbox.port', 13306],
    ['rotation.zone', 'UTC'],
    ['rotation.alertDelay', '2d'],
    ['rotation.clockSkew', '5m'],
    ['rotation.connections', 4],
    ['doctor.backupAge', '26h'],
    ['doctor.encryption', false],
    ['doctor.freeDisk', '10%'],
    ['doctor.longTransaction', '5m'],
    ['audit.keep', 'none'],
    ['guard.transaction', '5s'],
    ['guard.budget', '1m'],
    ['online.tool', 'pt-osc'],
    ['online.inplace', '1GB'],
    ['online.grace', '7d'],
    ['retire.grace', '14d'],
    ['throttle.mode', 'on'],
    ['throttle.resume', '80%'],
    ['throttle.limit', '1h'],
    ['throttle.every', '500ms'],
    ['lint.language', 'en'],
    ['lint.strict', false],
    ...storeKinds.map((store) => [`stores.${store}.declarations`, `migrations/${store}`] as const),
    ...databases.map((name) => [`databases.${name}.migrations`, `migrations/${name}`] as const),
    ...databases.map((name) => [`databases.${name}.templates`, `shard-templates/${name}`] as const),
    ...databases.map((name) => [`databases.${name}.seeds`, `seeds/${name}`] as const),
  ])
}

function define(
  path: string,
  form: SettingForm,
  variable: string,
  key?: keyof FlagSettings,
  name?: string,
): SettingDefinition {
  return { path, form, variable, flag: key === undefined || name === undefined ? null : { key, name } }
}
