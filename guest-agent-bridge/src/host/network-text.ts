/** Addresses as a guest writes them: those that are none are left out. */
const ADDRESS = /^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/
const MAC = /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5,19}$/

/** In lower case; null for what is no hardware address. */
export const macOf = (text: string | null): string | null =>
  text !== null && MAC.test(text) ? text.toLowerCase() : null

/** Of `address/prefix` texts, those that are. */
export const addressesOf = (texts: readonly string[]): string[] => texts.filter(text => ADDRESS.test(text))
