/**
 * Target: a gateway to be measured, our own or any other with an OpenAI-compatible address.
 * @module
 */

export interface Target {
  readonly name: string;
  /** As a client's base URL, `http://host:port/v1`. */
  readonly baseUrl: string;
  /** The model that fuses a panel of three. */
  readonly ofThree: string;
  /** The model that fuses a panel of five; absent: not measured. */
  readonly ofFive?: string;
  /** Its process, where it is known: for processor time and memory. */
  readonly pid?: number;
}
