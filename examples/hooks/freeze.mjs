// A hook that forbids what it is asked for while there is a file FREEZE in the project, whose first line says why.
import { existsSync, readFileSync } from 'node:fs'
import { exit, stdout } from 'node:process'
import { readDocument } from './read-document.mjs'

const { command, person } = await readDocument()
if (existsSync('FREEZE')) {
  const [reason] = readFileSync('FREEZE', 'utf8').split('\n')
  stdout.write(`No \`${command}\` by ${person} now: ${reason}\n`)
  exit(1)
}
