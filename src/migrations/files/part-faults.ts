import type { Fault } from '../../core/tool-error.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { DirectivePiece, StatementPiece } from '../../sql/piece.ts'
import type { Statement } from '../../sql/statement.ts'

export function conflictFault({ file, line, text }: StatementPiece, marker: number): Fault {
  return {
    what: `\`${file}\` contains git conflict markers: two branches changed it.`,
    where: { file, line: line + text.slice(0, marker).split('\n').length - 1 },
    next: 'Decide which statements should run, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`.',
  }
}

export function refusalFault(statement: Statement, refusal: { readonly why: string; readonly next: string }): Fault {
  const { file, line, column } = statement
  return {
    what: refusal.why,
    where: { file, line, column, statement: beginningOf(statement.text) },
    next: refusal.next,
  }
}

export function emptyFault(file: string): Fault {
  return {
    what: 'The file is empty.',
    where: { file },
    next: 'Write `-- migrate:up` and the statements below it, or remove the file.',
  }
}

export function noUpFault(file: string): Fault {
  return {
    what: 'The file has no up part.',
    where: { file },
    next: 'Put a line `-- migrate:up` above its statements, and `-- migrate:down` above those that revert them.',
  }
}

export function emptyUpFault(file: string, line: number): Fault {
  return {
    what: 'The up part has no statements.',
    where: { file, line },
    why: 'It would be recorded as applied, and statements added later would never run.',
    next: 'Write its statements, or remove the file.',
  }
}

export function strayFault({ file, line, column, text }: StatementPiece): Fault {
  return {
    what: 'This is above the first part, where only comments and headers are allowed.',
    where: { file, line, column, statement: beginningOf(text) },
    next: 'Move it below `-- migrate:up`, or write headers as `-- wwdb:NAME ...`.',
  }
}

export function repeatableDownFault(file: string, line: number): Fault {
  return {
    what: 'A repeatable migration cannot have a down part.',
    where: { file, line },
    why: 'It runs again whenever its text changes, so there is no single state to revert to.',
    next: 'Remove the part; drop the object in a versioned migration.',
  }
}

export function unknownPartFault({ file, line, argument }: DirectivePiece): Fault {
  const options = /^(up|down)\s+(.*)$/.exec(argument)
  return {
    what:
      options === null
        ? `Unknown section "migrate:${argument}": expected \`migrate:up\` or \`migrate:down\`.`
        : `"migrate:${options[1]}" takes no options, but is followed by "${options[2]}".`,
    where: { file, line },
    next: 'Write `-- migrate:up` or `-- migrate:down`, alone on its line.',
  }
}

export function secondPartFault(direction: 'up' | 'down', file: string, line: number, first: number): Fault {
  return {
    what: `A second ${direction} part begins here; the first begins on line ${first}.`,
    where: { file, line },
    next: 'Join the two, or split the file into two migrations.',
  }
}

export function downFirstFault(file: string, line: number): Fault {
  return {
    what: 'The down part is above the up part.',
    where: { file, line },
    next: 'Put `-- migrate:up` and its statements first.',
  }
}
