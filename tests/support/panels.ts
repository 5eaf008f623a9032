/**
 * Panels: answers to one question as different models might give them, written for the tests.
 * @module
 */

export const QUESTION = "Why is the sky blue?";

/** Four honest answers of unlike length and form. */
export const HONEST: readonly string[] = [
  "The sky looks blue because air molecules scatter short wavelengths of sunlight far more than long ones. This is called Rayleigh scattering. Blue light is sent in all directions, so it reaches our eyes from the whole sky, while red light passes mostly straight through.",
  "Sunlight contains every color. When it enters the atmosphere, gas molecules scatter blue light more strongly than red light, since its wavelength is shorter. The scattered blue light comes to us from every direction, and the sky appears blue. At sunset the light crosses more air, the blue is scattered away, and we see red.",
  `Because of **Rayleigh scattering**:

- Sunlight is a mix of all wavelengths.
- Molecules of nitrogen and oxygen scatter short wavelengths (blue) much more than long ones (red).
- Scattered blue light reaches the eye from all parts of the sky.

Violet is scattered even more, but the sun emits less of it and our eyes are less sensitive to violet light.`,
  "It is due to the scattering of sunlight by the molecules of the atmosphere. Shorter wavelengths, such as blue, are scattered more than longer wavelengths, such as red, so the sky looks blue in the daytime.",
];

/** A longer honest answer with a list, code and a conclusion. */
export const LONG =
  `The color of the sky is a matter of scattering. Here is the whole story, step by step.

1. Sunlight arrives as a mix of wavelengths, from violet to red, with most of its energy in the visible range.
2. Molecules of nitrogen and oxygen are far smaller than these wavelengths. They scatter light in all directions.
3. The strength of that scattering grows with the inverse fourth power of the wavelength, so blue light is scattered about five times as much as red light.
4. Looking away from the sun, we therefore see mostly scattered light, which is mostly blue.

The relation can be computed in a few lines:

\`\`\`python
def scattering(wavelength_nm):
    return (550 / wavelength_nm) ** 4

print(scattering(450) / scattering(650))
\`\`\`

| color | wavelength | relative scattering |
| --- | --- | --- |
| blue | 450 nm | 4.4 |
| green | 550 nm | 2.0 |
| red | 650 nm | 1.0 |

There are refinements. Violet light is scattered even more than blue, but the sun emits less of it, ozone absorbs a part of it, and the eye is less sensitive to it. Dust and water droplets are larger than the wavelengths; they scatter all colors alike, which is why clouds are white and hazy skies are pale. On Mars, fine dust makes the daytime sky butterscotch and the sunset blue.

In short, the sky is blue because small molecules scatter blue light more strongly than red light.`;
