/** What live statements and stored code say of a name that a statement takes away. */
export interface LiveUse {
  /** As it is shown: `users`, `users.nick`. */
  readonly name: string
  /** Different statements that name it, over all servers. */
  readonly statements: number
  /** How many of them name it only by reading all columns. */
  readonly all: number
  /** When one of them was last seen, and where: milliseconds ago, and `primary`, the name of a replica or the address of a group member. Null where there is none. */
  readonly last: { readonly ago: number; readonly server: string } | null
  /** `view nicks`. */
  readonly code: readonly string[]
}
