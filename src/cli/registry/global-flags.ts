import type { FlagGroup } from './entry.ts'

const where: FlagGroup = {
  heading: 'Where',
  flags: [
    {
      long: 'config',
      short: 'c',
      value: { name: 'FILE', type: 'file' },
      description: 'the configuration file',
      default: 'wwdb.config.json or .mjs, searched upward from here',
      environment: 'WWDB_CONFIG',
    },
    {
      long: 'env',
      short: 'e',
      value: { name: 'NAME', type: 'text' },
      description: 'the environment of the configuration file to use',
      environment: 'WWDB_ENV',
    },
    {
      long: 'target',
      short: 't',
      value: { name: 'DATABASE', type: 'text' },
      description: 'only this logical database; may be repeated',
      default: 'all of them',
      repeatable: true,
      environment: 'WWDB_TARGET',
    },
    {
      long: 'url',
      value: { name: 'URL', type: 'text' },
      description: 'one server for all databases; prefer the variable, as other users can see flags',
      environment: 'WWDB_URL',
    },
    {
      long: 'prefix',
      value: { name: 'TEXT', type: 'text' },
      description: 'put before the name of every schema',
      environment: 'WWDB_PREFIX',
    },
    {
      long: 'cwd',
      value: { name: 'DIRECTORY', type: 'directory' },
      description: 'work as if started in this directory',
    },
  ],
}

const pace: FlagGroup = {
  heading: 'Pace',
  flags: [
    {
      long: 'concurrency',
      short: 'j',
      value: { name: 'NUMBER', type: 'integer' },
      description: 'how many databases are worked on at once',
      environment: 'WWDB_CONCURRENCY',
    },
    {
      long: 'lock-timeout',
      value: { name: 'DURATION', type: 'duration' },
      description: 'how long to wait for the lock of another run, for example 30s or 5m; 0 does not wait',
      environment: 'WWDB_LOCK_TIMEOUT',
    },
    {
      long: 'statement-timeout',
      value: { name: 'DURATION', type: 'duration' },
      description: 'how long one statement may take',
      default: 'no limit',
      environment: 'WWDB_STATEMENT_TIMEOUT',
    },
  ],
}

const output: FlagGroup = {
  heading: 'Output',
  flags: [
    { long: 'json', description: 'the same as --format json', conflicts: ['format'] },
    {
      long: 'format',
      value: { name: 'FORMAT', type: 'text' },
      description: 'for people, for programs, or for GitHub annotations',
      default: 'human',
      choices: ['human', 'json', 'github'],
      environment: 'WWDB_FORMAT',
    },
    { long: 'quiet', short: 'q', description: 'only the answer and errors', conflicts: ['verbose'] },
    { long: 'verbose', short: 'v', description: 'say more: every statement, every wait' },
    { long: 'debug', description: 'with stack traces', environment: 'WWDB_DEBUG' },
    { long: 'color', description: 'colours even off a terminal; FORCE_COLOR says the same' },
    { long: 'no-color', description: 'no colours; NO_COLOR says the same' },
  ],
}

const confirmation: FlagGroup = {
  heading: 'Confirmation',
  flags: [
    { long: 'yes', short: 'y', description: 'answer yes to simple questions' },
    {
      long: 'confirm',
      value: { name: 'NAME', type: 'text' },
      description: 'answer a question that wants a name typed',
    },
    { long: 'no-input', description: 'never ask; fail and name the flag instead', environment: 'WWDB_NO_INPUT' },
    { long: 'allow-protected', description: 'allow severe commands in a protected environment' },
  ],
}

const about: FlagGroup = {
  heading: 'Help',
  flags: [
    { long: 'help', short: 'h', description: 'this text' },
    { long: 'version', short: 'V', description: 'the version of wwdb' },
  ],
}

/** The flags that every command takes, before or after its name. */
export const globalFlags: readonly FlagGroup[] = [where, pace, output, confirmation, about]
