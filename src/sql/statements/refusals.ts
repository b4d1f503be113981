import { type Findings, refuse, type StatementReader, type TokenCursor } from './token-cursor.ts'

/** Commands of the `mysql` client that look like statements. */
const clientCommands = [
  'CHARSET',
  'CLEAR',
  'CONNECT',
  'DELIMITER',
  'EDIT',
  'EGO',
  'EXIT',
  'GO',
  'NOPAGER',
  'NOTEE',
  'NOWARNING',
  'PAGER',
  'PRINT',
  'PROMPT',
  'QUERY_ATTRIBUTES',
  'QUIT',
  'REHASH',
  'RESETCONNECTION',
  'SOURCE',
  'STATUS',
  'SYSTEM',
  'TEE',
  'WARNINGS',
] as const

function transactionRefusal(verb: string): Findings {
  return refuse(
    verb,
    'Each data statement shares a transaction with its journal row and is committed with it.',
    'Leave it out. Write statements that must be committed together as one data migration (.ts or .js).',
  )
}

export function lockingRefusal(verb: string): Findings {
  return refuse(
    verb,
    'While tables are locked, the connection cannot write to the journal.',
    'Leave it out; create dumps with `--skip-add-locks`.',
  )
}

export function serverRefusal(verb: string): Findings {
  return refuse(verb, 'It affects the whole server, not a schema.', 'Run it manually.')
}

export function clientCommandRefusal(command: string): Findings {
  return refuse(
    command,
    `\`${command}\` is a command of the mysql client, not a server statement.`,
    command === 'SOURCE' || command === '\\.'
      ? 'Copy the statements of the other file into this one, or make it a separate migration.'
      : 'Leave it out, and end each statement with its delimiter.',
  )
}

function refuseUse(): Findings {
  return refuse(
    'USE',
    'Every statement runs in the schema of its target, and the name of that schema may differ between environments.',
    'Leave it out, or qualify the name: `{{schema:DATABASE}}.table`.',
  )
}

function refuseHandler(): Findings {
  return refuse('HANDLER', 'It reads rows of an open table and changes nothing.', 'Use SELECT, or leave it out.')
}

function refuseStart(cursor: TokenCursor): Findings {
  return cursor.keyword() === 'TRANSACTION' ? transactionRefusal('START TRANSACTION') : serverRefusal('START')
}

function refuseEnd(): Findings {
  return refuse(
    'END',
    'It ends the body of a procedure, function, trigger or event that was split before it.',
    'Write `DELIMITER //` before the CREATE statement, end the statement with `//`, and write `DELIMITER ;` after it.',
  )
}

function refuseLock(cursor: TokenCursor, verb: string): Findings {
  return lockingRefusal(cursor.keyword() === 'INSTANCE' ? `${verb} INSTANCE` : `${verb} TABLES`)
}

const transactionVerbs = ['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'XA']
const serverVerbs = ['BINLOG', 'CHANGE', 'CLONE', 'KILL', 'PURGE', 'RESTART', 'SHUTDOWN', 'STOP']

/** First words of statements that are not allowed in a migration. */
export const refusedReaders: Readonly<Record<string, StatementReader>> = {
  ...Object.fromEntries(clientCommands.map((command) => [command, () => clientCommandRefusal(command)])),
  ...Object.fromEntries(transactionVerbs.map((verb) => [verb, () => transactionRefusal(verb)])),
  ...Object.fromEntries(serverVerbs.map((verb) => [verb, () => serverRefusal(verb)])),
  RELEASE: () => transactionRefusal('RELEASE SAVEPOINT'),
  START: refuseStart,
  USE: refuseUse,
  HANDLER: refuseHandler,
  END: refuseEnd,
  LOCK: (cursor) => refuseLock(cursor, 'LOCK'),
  UNLOCK: (cursor) => refuseLock(cursor, 'UNLOCK'),
}
