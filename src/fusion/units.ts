/**
 * Units: the everyday ones, each with its base, so that 5 km and 5,000 meters are one answer. What is
 * not listed is a counted thing: "5 eggs" is 5.
 * @module
 */

export interface Unit {
  /** How many of the base unit one of this is. */
  readonly factor: number;
  readonly base: string;
}

/** The unit of a lower-case name or sign, singular or plural; undefined for anything else. */
export function unitNamed(name: string): Unit | undefined {
  return UNITS.get(name) ?? UNITS.get(name.replace(/s$/, ""));
}

/** Base unit, then each unit's factor and its names. */
const TABLE: readonly (readonly [string, string])[] = [
  ["m", "1 m meter metre|0.001 mm millimeter millimetre|0.01 cm centimeter centimetre"],
  ["m", "1000 km kilometer kilometre|0.0254 inch inches|0.3048 ft foot feet|0.9144 yard"],
  ["m", "1609.344 mi mile"],
  [
    "g",
    "1 g gram|0.001 mg milligram|1000 kg kilogram kilo|453.59237 lb pound|28.349523125 oz ounce",
  ],
  ["s", "1 s sec second|0.001 ms millisecond|60 min minute|3600 h hr hour|86400 day|604800 week"],
  ["l", "1 l liter litre|0.001 ml milliliter millilitre"],
  ["usd", "1 $ usd dollar|0.01 cent"],
  ["eur", "1 € eur euro"],
  ["gbp", "1 £ gbp"],
  ["jpy", "1 ¥ jpy yen"],
  ["%", "1 % percent"],
  ["°c", "1 °c celsius"],
  ["°f", "1 °f fahrenheit"],
];

const UNITS: ReadonlyMap<string, Unit> = new Map(
  TABLE.flatMap(([base, units]) =>
    units.split("|").flatMap((unit) => {
      const [factor, ...names] = unit.split(" ");
      return names.map((name) => [name, { factor: Number(factor), base }] as const);
    })
  ),
);
