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
    'Each data statement already shares a transaction with its row in the journal, and is committed with it.',
    'Leave it out. Statements that must happen together belong into one data migration (.ts or .js).',
  )
}

export function lockingRefusal(verb: string): Findings {
  return refuse(
    verb,
    'While tables are locked the connection cannot write to the journal.',
    'Leave it out; make a dump with --skip-add-locks.',
  )
}

export function serverRefusal(verb: string): Findings {
  return refuse(verb, 'It administers the whole server and is not part of a schema.', 'Run it by hand.')
}

export function clientCommandRefusal(command: string): Findings {
  return refuse(
    command,
    `${command} is a command of the mysql client, which the server does not know.`,
    command === 'SOURCE' || command === '\\.'
      ? "Put the other file's statements into this one, or make it a migration of its own."
      : 'Leave it out, and end each statement with its delimiter.',
  )
}

function refuseUse(): Findings {
  return refuse(
    'USE',
    'Every statement runs in the schema of its target, which may have another name elsewhere.',
    'Leave it out, or write the schema before the name: {{schema:DATABASE}}.table.',
  )
}

function refuseHandler(): Findings {
  return refuse(
    'HANDLER',
    'It reads rows for an open cursor and leaves nothing behind.',
    'Use SELECT, or leave it out.',
  )
}

function refuseStart(cursor: TokenCursor): Findings {
  return cursor.keyword() === 'TRANSACTION' ? transactionRefusal('START TRANSACTION') : serverRefusal('START')
}

function refuseEnd(): Findings {
  return refuse(
    'END',
    'It closes the body of a procedure, function, trigger or event whose beginning was cut off before it.',
    'Put DELIMITER // before the CREATE statement, end it with //, and put DELIMITER ; after it.',
  )
}

function refuseLock(cursor: TokenCursor, verb: string): Findings {
  return lockingRefusal(cursor.keyword() === 'INSTANCE' ? `${verb} INSTANCE` : `${verb} TABLES`)
}

const transactionVerbs = ['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'XA']
const serverVerbs = ['BINLOG', 'CHANGE', 'CLONE', 'KILL', 'PURGE', 'RESTART', 'SHUTDOWN', 'STOP']

/** First words of statements that may not stand in a migration. */
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
