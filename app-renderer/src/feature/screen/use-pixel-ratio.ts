import { useEffect, useState } from 'react'

/** Display pixels per CSS pixel; follows zoom and moves between displays. */
export const usePixelRatio = (): number => {
  const [ratio, setRatio] = useState(devicePixelRatio)
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`)
    const changed = (): void => setRatio(devicePixelRatio)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [ratio])
  return ratio
}
