import { describe, expect, test } from 'vitest'
import { decideTerminal, type TerminalFacts } from '../../../src/terminal/terminal.ts'

const terminal = { isTTY: true, columns: 80 }
const pipe = { isTTY: false, columns: undefined }

function decide(changes: Partial<TerminalFacts>) {
  return decideTerminal({ out: terminal, err: terminal, env: { TERM: 'xterm' }, flags: {}, ...changes })
}

describe('color', () => {
  test.each<[string, Partial<TerminalFacts>, number]>([
    ['a terminal', {}, 1],
    ['256 colors', { env: { TERM: 'xterm-256color' } }, 2],
    ['true color', { env: { TERM: 'xterm', COLORTERM: 'truecolor' } }, 3],
    ['a pipe', { out: pipe }, 0],
    ['TERM=dumb', { env: { TERM: 'dumb' } }, 0],
    ['NO_COLOR', { env: { TERM: 'xterm', NO_COLOR: '1' } }, 0],
    ['an empty NO_COLOR says nothing', { env: { TERM: 'xterm', NO_COLOR: '' } }, 1],
    ['FORCE_COLOR on a pipe', { out: pipe, env: { FORCE_COLOR: '1' } }, 1],
    ['an empty FORCE_COLOR', { out: pipe, env: { FORCE_COLOR: '' } }, 1],
    ['FORCE_COLOR=3', { out: pipe, env: { FORCE_COLOR: '3' } }, 3],
    ['FORCE_COLOR=0', { env: { TERM: 'xterm', FORCE_COLOR: '0' } }, 0],
    ['FORCE_COLOR before TERM=dumb', { env: { TERM: 'dumb', FORCE_COLOR: '1' } }, 1],
    ['NO_COLOR before FORCE_COLOR', { env: { NO_COLOR: '1', FORCE_COLOR: '3' } }, 0],
    ['--color before NO_COLOR', { out: pipe, env: { NO_COLOR: '1' }, flags: { color: true } }, 1],
    ['--no-color before FORCE_COLOR', { env: { FORCE_COLOR: '3' }, flags: { color: false } }, 0],
  ])('%s', (_name, facts, level) => {
    expect(decide(facts).color.out).toBe(level)
  })

  test('is decided for each stream', () => {
    expect(decide({ out: pipe }).color).toEqual({ out: 0, err: 1 })
  })
})

describe('animation', () => {
  test.each<[string, Partial<TerminalFacts>, boolean]>([
    ['a terminal', {}, true],
    ['stdout in a pipe', { out: pipe }, true],
    ['stderr in a pipe', { err: pipe }, false],
    ['0 columns', { err: { isTTY: true, columns: 0 } }, false],
    ['unknown columns', { err: { isTTY: true, columns: undefined } }, false],
    ['CI', { env: { CI: 'true' } }, false],
    ['CI=false', { env: { CI: 'false' } }, true],
    ['TERM=dumb', { env: { TERM: 'dumb' } }, false],
    ['--json', { flags: { json: true } }, false],
    ['--quiet', { flags: { quiet: true } }, false],
    ['--no-color', { flags: { color: false } }, true],
  ])('%s', (_name, facts, animated) => {
    expect(decide(facts).animated).toBe(animated)
  })
})

test('nothing is cut where the width is unknown', () => {
  const columns = decide({ out: pipe, err: { isTTY: true, columns: 0 } }).columns
  expect(columns).toEqual({ out: Number.POSITIVE_INFINITY, err: Number.POSITIVE_INFINITY })
})
