import { quoteQualified } from '../../sql/quote-name.ts'
import type { ChangeRequest } from './change-request.ts'
import { digestOf } from './record.ts'

type DefinitionRequest = Pick<ChangeRequest, 'server' | 'target'>

/** Digest of a table's definition as the server prints it, without its name and the next value of its AUTO_INCREMENT. */
export async function readDefinition({ server, target }: DefinitionRequest, table: string): Promise<string> {
  return digestOf((await readText({ server, target }, table)).replace(/^[^\n]*\n/, ''))
}

/** Of the statement, and of the table as the server prints it: a copy made of others is not the change that is asked for. */
export async function fingerprintOf({ server, target, table, text }: ChangeRequest): Promise<string> {
  return digestOf(`${text}\n${await readText({ server, target }, table.name)}`)
}

async function readText({ server, target }: DefinitionRequest, table: string): Promise<string> {
  const [row] = await server.ask(`SHOW CREATE TABLE ${quoteQualified(target.schema, table)}`)
  return String(row?.[1]).replace(/(\n\)[^\n']*?) AUTO_INCREMENT=\d+/, '$1')
}
