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
      description: 'one server for all databases; prefer the variable, because other users can see flags',
      environment: 'WWDB_URL',
    },
    prefix: { value: 'TEXT', description: 'prefix for the name of every schema', environment: 'WWDB_PREFIX' },
    cwd: { value: 'DIRECTORY', type: 'directory', description: 'run as if started in this directory' },
  },
  Pace: {
    concurrency: {
      value: 'NUMBER',
      type: 'integer',
      short: 'j',
      description: 'how many databases are processed in parallel',
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
      description:
        'for people, for programs, or for GitHub annotations; the other formats only for `lint` and `report`',
      choices: ['human', 'json', 'github', 'sarif', 'gitlab', 'junit', 'html', 'markdown'],
      environment: 'WWDB_FORMAT',
      otherwise: 'human',
    },
    logFile: {
      value: 'FILE',
      type: 'file',
      description: 'log what the command does, as NDJSON; the date is inserted before the file extension',
      environment: 'WWDB_LOG_FILE',
    },
    quiet: { short: 'q', description: 'only the answer and errors', conflicts: ['verbose'] },
    verbose: { short: 'v', description: 'more output: every statement, every wait' },
    debug: { description: 'show stack traces', environment: 'WWDB_DEBUG' },
    color: { description: 'use colors even without a terminal, like FORCE_COLOR' },
    noColor: { description: 'do not use colors, like NO_COLOR' },
  },
  Confirmation: {
    yes: { short: 'y', description: 'answer yes to simple questions' },
    confirm: { value: 'NAME', description: 'the name to type to confirm a severe command' },
    noInput: { description: 'never ask; fail with the name of the flag to give', environment: 'WWDB_NO_INPUT' },
    allowProtected: { description: 'allow severe commands in a protected environment' },
  },
  Help: {
    help: { short: 'h', description: 'show this help' },
    version: { short: 'V', description: 'show the version of wwdb' },
  },
})
