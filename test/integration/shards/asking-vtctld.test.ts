import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askingVtctld } from '../../../src/shards/move/vtctldclient.ts'

let folder = ''
const listening = createServer()
let open = ''
let closed = ''

/** Listens at a port of its own; returns its address. */
function listen(server: ReturnType<typeof createServer>): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
    })
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-vtctld-'))
  open = await listen(listening)
  const gone = createServer()
  closed = await listen(gone)
  await new Promise((resolve) => {
    gone.close(resolve)
  })
})

afterAll(() => {
  listening.close()
  rmSync(folder, { recursive: true, force: true })
})

function client(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o700)
  return path
}

const from = '`--vtctld`'
const ask = (program: string, server: string, first: number) =>
  askingVtctld(program, { server, from }, process.env, first)

test('a client that waits for a vtctld is ended at its first call, with what can be seen of the address', async () => {
  const waiting = client('waiting', 'exec sleep 60')
  const seen = async (server: string) => {
    const error: unknown = await ask(
      waiting,
      server,
      300,
    )(['GetWorkflows', 'contact_db']).catch((thrown: unknown) => thrown)
    return error
  }
  expect(await seen(closed)).toMatchObject({
    code: 'VTCTLD_FAILED',
    faults: [
      {
        what: expect.stringMatching(/^vtctld did not answer within .*300/),
        where: { server: closed },
        why: 'Seen from here, nothing is listening there.',
        next: expect.stringMatching(/^Correct `--vtctld`, or start vtctld/),
      },
    ],
  })
  for (const server of [open, 'dns:///vtctld:15999'])
    expect(await seen(server)).toMatchObject({ faults: [{ why: 'vtctldclient was still waiting for it then.' }] })
})

test('later calls may take longer than the first, and what the client says of itself stays', async () => {
  const slow = client('slow', `if [ -e "${folder}/answered" ]; then sleep 1; fi\ntouch "${folder}/answered"\necho done`)
  const vtctld = ask(slow, open, 800)
  expect(await vtctld(['GetTablets'])).toBe('done\n')
  expect(await vtctld(['GetTablets'])).toBe('done\n')
  const failing = client('failing', 'echo "rpc error: code = Unavailable desc = connection refused" >&2; exit 1')
  await expect(ask(failing, closed, 5000)(['VDiff', 'show'])).rejects.toMatchObject({
    code: 'VTCTLD_FAILED',
    faults: [{ what: '`vtctldclient VDiff show` failed.', why: expect.stringContaining('connection refused') }],
  })
})
