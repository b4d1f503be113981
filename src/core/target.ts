/** A logical database in a schema on a server. `server` is `host:port` and holds no secret. */
export interface Target {
  readonly database: string
  readonly schema: string
  readonly server: string
}
