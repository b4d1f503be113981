/**
 * A part of a driver that a capability declares together with its interface, and that a command asks its context for. The name is the driver's file
 * without `mysql/`: `grants/accounts` is built in grants/mysql/accounts.ts.
 */
export interface Port<Part> {
  readonly name: string
  /** Never set: it ties the name to the type of the part. */
  readonly part?: Part
}

export function port<Part>(name: string): Port<Part> {
  return { name }
}

/** Returns the part behind a port; it is loaded when it is first asked for. */
export type GivePart = <Part>(port: Port<Part>) => Promise<Part>
