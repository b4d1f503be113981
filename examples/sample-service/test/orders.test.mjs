import { createPool } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { attach } from 'wwdb/testing'
import { createOrders } from '../src/orders.mjs'

let environment
let pool
let orders

beforeAll(async () => {
  environment = await attach()
  pool = createPool({ uri: environment.urls.shop })
  orders = createOrders(pool)
})

afterEach(() => environment.reset())

afterAll(async () => {
  await pool.end()
  await environment.close()
})

test('the first customer of every test has the id 2, since one is seeded', async () => {
  expect(await orders.addCustomer('ann')).toBe(2)
  expect(await orders.countCustomers()).toBe(2)
})

test('and so has that of the next', async () => {
  expect(await orders.countCustomers()).toBe(1)
  const customer = await orders.addCustomer('bob')
  expect(customer).toBe(2)
  await orders.place(customer, 950)
  await orders.place(customer, 50)
  expect(await orders.total(customer)).toBe(1000)
})

test('an order of nobody is refused by the foreign key', async () => {
  await expect(orders.place(404, 1)).rejects.toThrow(/foreign key/)
})
