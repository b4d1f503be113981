import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandEntries } from '../../../src/cli/registry.generated.ts'
import { vtgateRefusals } from '../../../src/cli/vtgate-refusals.ts'

const page = readFileSync(resolve('docs/reference/platforms.md'), 'utf8')

/** Rows of the table of commands: names, and what is said of MySQL, a group, a group with several primaries, and Vitess. */
const rows = page
  .slice(page.indexOf('## Commands'), page.indexOf('## Vitess'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))

const namesOf = ([names = '']: readonly string[]): readonly string[] =>
  [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

const connecting = commandEntries.filter(({ connects, connectsWith }) => connects || connectsWith !== undefined)
const refused = vtgateRefusals.flatMap(({ commands }) => commands)

describe('the commands that do not work through a vtgate', () => {
  it('have one sentence each', () => {
    const expected = connecting.filter(({ vtgate }) => vtgate !== true).map(({ name }) => name)
    expect(refused.toSorted()).toEqual(expected.toSorted())
  })
})

describe('the table of commands and servers', () => {
  it('has every command once, and no other', () => {
    expect(rows.flatMap(namesOf).toSorted()).toEqual(commandEntries.map(({ name }) => name).toSorted())
  })

  it('says of each server that they work, that they do with a limit, that they are refused, or that none is asked', () => {
    for (const row of rows) {
      const [names, ...cells] = row
      expect(cells.length, names).toBe(4)
      for (const cell of cells)
        expect(cell, names).toMatch(
          /^(?:works|works with a limit: .+|as MySQL|refused: .+|asks no server)(?:[;,.]? \(.+\))?\.?$/,
        )
    }
  })

  it('has the sentence of each refusal', () => {
    for (const { commands, why } of vtgateRefusals)
      for (const name of commands) {
        const cell = rows.find((row) => namesOf(row).includes(name))?.[4] ?? ''
        const isPart = connecting.some((entry) => entry.name === name && !entry.connects)
        expect(cell, name).toContain(isPart ? why : `refused: ${why}`)
      }
  })

  it('calls nothing refused that runs', () => {
    for (const row of rows.filter(([, , , , vitess = '']) => vitess.startsWith('refused')))
      expect(refused).toEqual(expect.arrayContaining([...namesOf(row)]))
  })
})
