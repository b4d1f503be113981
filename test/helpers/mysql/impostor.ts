import { type AddressInfo, connect, createServer } from 'node:net'

export interface Impostor {
  readonly port: number
  readonly close: () => void
}

/** A server behind a proxy under which one of its texts reads otherwise, as its `@@version_comment`. */
export async function openImpostor(url: string, text: Buffer, other: string): Promise<Impostor> {
  const said = Buffer.from(other.padEnd(text.length).slice(0, text.length))
  const proxy = createServer((client) => {
    const upstream = connect(Number(new URL(url).port), '127.0.0.1')
    client.on('error', () => upstream.destroy()).pipe(upstream)
    upstream.on('error', () => client.destroy())
    upstream.on('end', () => client.end())
    upstream.on('data', (data) => {
      const at = data.indexOf(text)
      if (at !== -1) said.copy(data, at)
      client.write(data)
    })
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  return { port: (proxy.address() as AddressInfo).port, close: () => proxy.close() }
}
