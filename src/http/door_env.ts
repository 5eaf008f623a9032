/**
 * What Hono's context carries through the door, from one middleware to the next. Types only.
 * @module
 */

export interface DoorEnv {
  Variables: {
    /** Set first, for every request. */
    requestId: string;
    /** Name of the client key that was presented; absent where the door is open. */
    client?: string;
  };
}
