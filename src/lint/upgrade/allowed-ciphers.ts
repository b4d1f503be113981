/** From this version on, a server refuses to start with other ciphers. */
export const ciphersSince = '8.4.0'

/**
 * Of TLS 1.2 and 1.3: those that 9.7 accepts, tried one by one by a test. 8.4 names fewer in its manual, the first thirteen of them; a
 * cipher that it may refuse and 9.7 accepts is not a finding.
 */
const ofTls12 =
  'ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305 ECDHE-ECDSA-AES256-CCM ECDHE-ECDSA-AES128-CCM DHE-RSA-AES128-GCM-SHA256 DHE-RSA-AES256-GCM-SHA384 DHE-RSA-AES256-CCM DHE-RSA-AES128-CCM DHE-RSA-CHACHA20-POLY1305 AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-CCM AES256-CCM'
const ofTls13 = 'TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256'

/** By variable, the ciphers that it may name. */
export const allowedCiphers: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    ssl_cipher: ofTls12,
    admin_ssl_cipher: ofTls12,
    tls_ciphersuites: ofTls13,
    admin_tls_ciphersuites: ofTls13,
  }).map(([name, ciphers]) => [name, new Set(ciphers.split(' '))]),
)
