import { describeFlags, type FlagGroup } from './command-entry.ts'

/** The flags that every command takes, before or after its name. */
export const globalFlags: readonly FlagGroup[] = describeFlags({
  Where: {
    config: {
      value: 'FILE',
      type: 'file',
      short: 'c',
      description: 'the configuration file',
      environment: 'WWDB_CONFIG',
      otherwise: 'wwdb.config.json or .mjs, searched upward from here',
    },
    env: {
      value: 'NAME',
      short: 'e',
      description: 'the environment of the configuration file to use',
      environment: 'WWDB_ENV',
    },
    target: {
      value: 'DATABASE',
      type: 'database',
      short: 't',
      description: 'only this logical database; may be repeated',
      repeatable: true,
      environment: 'WWDB_TARGET',
      otherwise: 'all of them',
    },
    url: {
      value: 'URL',
      description: 'one server for all databases; prefer the variable, as other users can see flags',
      environment: 'WWDB_URL',
    },
    prefix: { value: 'TEXT', description: 'put before the name of every schema', environment: 'WWDB_PREFIX' },
    cwd: { value: 'DIRECTORY', type: 'directory', description: 'work as if started in this directory' },
  },
  Pace: {
    concurrency: {
      value: 'NUMBER',
      type: 'integer',
      short: 'j',
      description: 'how many databases are worked on at once',
      environment: 'WWDB_CONCURRENCY',
    },
    lockTimeout: {
      value: 'DURATION',
      type: 'duration',
      description: 'how long to wait for the lock of another run, for example 30s or 5m; 0 does not wait',
      environment: 'WWDB_LOCK_TIMEOUT',
    },
    statementTimeout: {
      value: 'DURATION',
      type: 'duration',
      description: 'how long one statement may take',
      environment: 'WWDB_STATEMENT_TIMEOUT',
      otherwise: 'no limit',
    },
  },
  Output: {
    json: { description: 'the same as --format json', conflicts: ['format'] },
    format: {
      value: 'FORMAT',
      description: 'for people, for programs, or for GitHub annotations; the others are of `lint` and `report` alone',
      choices: ['human', 'json', 'github', 'sarif', 'gitlab', 'junit', 'html', 'markdown'],
      environment: 'WWDB_FORMAT',
      otherwise: 'human',
    },
    logFile: {
      value: 'FILE',
      type: 'file',
      description: 'log what the command does, as NDJSON; the day is put before its ending',
      environment: 'WWDB_LOG_FILE',
    },
    quiet: { short: 'q', description: 'only the answer and errors', conflicts: ['verbose'] },
    verbose: { short: 'v', description: 'say more: every statement, every wait' },
    debug: { description: 'with stack traces', environment: 'WWDB_DEBUG' },
    color: { description: 'colors even off a terminal; FORCE_COLOR does the same' },
    noColor: { description: 'no colors; NO_COLOR does the same' },
  },
  Confirmation: {
    yes: { short: 'y', description: 'answer yes to simple questions' },
    confirm: { value: 'NAME', description: 'answer a question that wants a name typed' },
    noInput: { description: 'never ask; fail and name the flag instead', environment: 'WWDB_NO_INPUT' },
    allowProtected: { description: 'allow severe commands in a protected environment' },
  },
  Help: { help: { short: 'h', description: 'this text' }, version: { short: 'V', description: 'the version of wwdb' } },
})
