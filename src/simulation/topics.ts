/**
 * Topics: the few things that simulated models know. Every fact stands in two wordings, so that two
 * models agree without writing the same; `wrong` is what a confidently wrong model says in its
 * place, and each of the others has an insight that is its alone.
 * @module
 */
import type { Persona } from "./simulated_model.ts";

export interface Fact {
  readonly wordings: readonly [string, string];
  readonly wrong?: string;
}

export interface Topic {
  readonly question: string;
  /** A question is about the topic when it holds, for every entry, a word that starts so. */
  readonly keywords: readonly RegExp[];
  readonly facts: readonly Fact[];
  readonly insights: Readonly<Record<Exclude<Persona, "wrong">, string>>;
  /** The first fact in French. */
  readonly french: string;
}

export const topics: readonly Topic[] = [
  {
    question: "Why do distributed systems use a quorum?",
    keywords: [/\bquorums?\b/i],
    facts: [
      {
        wordings: [
          "Any two majorities share at least one node, so a later read meets an earlier write.",
          "Because any two majorities have at least one node in common, a read that comes later meets the write before it.",
        ],
      },
      {
        wordings: [
          "With 5 nodes a quorum of 3 keeps working while 2 nodes are down.",
          "A quorum of 3 out of 5 nodes keeps working even while 2 nodes are down.",
        ],
        wrong: "With 5 nodes a quorum of 3 keeps working while 4 nodes are down.",
      },
      {
        wordings: [
          "Nobody has to wait for the slowest node, which cuts tail latency.",
          "It also cuts tail latency, since nobody waits for the slowest node.",
        ],
      },
    ],
    insights: {
      concise: "The price is one round trip to a majority for every write.",
      thorough:
        "Read and write quorums may differ in size as long as their sum exceeds the replicas.",
      practical:
        "Use an odd number of nodes: a sixth node adds cost and no further failure tolerated.",
      sceptical:
        "A quorum guards against crashes, not against nodes that lie; those need larger majorities.",
    },
    french:
      "Deux majorités ont toujours un nœud en commun : une lecture rencontre donc l'écriture précédente.",
  },
  {
    question: "Why is the sky blue?",
    keywords: [/\bsky\b/i, /\bblue\b/i],
    facts: [
      {
        wordings: [
          "Molecules of air scatter short blue wavelengths far more strongly than long red ones.",
          "Air molecules scatter blue light, of short wavelengths, far more strongly than long red wavelengths.",
        ],
        wrong:
          "Molecules of air do not scatter blue wavelengths more strongly than red ones; the sky reflects the oceans.",
      },
      {
        wordings: [
          "This is Rayleigh scattering, whose strength grows with the fourth power of the frequency.",
          "It is called Rayleigh scattering, and its strength grows with the fourth power of frequency.",
        ],
      },
      {
        wordings: [
          "Violet is scattered even more, but sunlight holds less of it and our eyes see it poorly.",
          "Although violet is scattered even more, sunlight holds less violet and our eyes see it poorly.",
        ],
      },
    ],
    insights: {
      concise: "At sunset the light crosses more air, loses its blue on the way and turns red.",
      thorough: "The scattered light is polarised, most strongly at right angles to the sun.",
      practical: "A polarising filter on a camera darkens the sky for the same reason.",
      sceptical:
        "On Mars fine dust scatters differently: the day sky is butterscotch, the sunset blue.",
    },
    french: "Les molécules de l'air diffusent le bleu bien plus fortement que le rouge.",
  },
  {
    question: "How far away is the Moon?",
    keywords: [/\bmoon\b/i, /\b(far|distance|away)\b/i],
    facts: [
      {
        wordings: [
          "On average the Moon is 384,400 km from Earth.",
          "The Moon's average distance from Earth is 384,400 km.",
        ],
        wrong: "On average the Moon is 238,900 km from Earth.",
      },
      {
        wordings: [
          "Its orbit is an ellipse, so the distance varies between about 356,500 and 406,700 km.",
          "Since the orbit is an ellipse, the distance varies between about 356,500 and 406,700 km.",
        ],
      },
    ],
    insights: {
      concise: "Light needs about 1.3 seconds for the way.",
      thorough:
        "Laser ranging to the mirrors left by Apollo measures the way to a few millimetres.",
      practical: "All the other planets would fit side by side into the gap.",
      sceptical: "The figure grows by 3.8 cm a year, because tides push the orbit outwards.",
    },
    french: "La Lune est en moyenne à 384 400 km de la Terre.",
  },
  {
    question: "What is the capital of Australia?",
    keywords: [/\bcapital\b/i, /\baustralia/i],
    facts: [
      {
        wordings: [
          "The capital of Australia is Canberra.",
          "Canberra is the capital of Australia.",
        ],
        wrong: "The capital of Australia is Sydney.",
      },
      {
        wordings: [
          "It was chosen in 1908 as a compromise between the rivals Sydney and Melbourne.",
          "In 1908 it was chosen as a compromise between two rivals, Sydney and Melbourne.",
        ],
      },
    ],
    insights: {
      concise: "Parliament has met there since 1927.",
      thorough: "Walter Burley Griffin and Marion Mahony Griffin won the contest to plan the city.",
      practical: "It lies about 280 km by road from the largest city, three hours by car.",
      sceptical: "Parliament sat in another city until 1927, which is why older books disagree.",
    },
    french: "La capitale de l'Australie est Canberra.",
  },
  {
    question: "At what temperature does water boil on a mountain?",
    keywords: [/\bwater\b/i, /\bboil/i],
    facts: [
      {
        wordings: [
          "On a mountain water boils below 100 °C, because the air pressure is lower.",
          "Water boils below 100 °C on a mountain, as the air pressure there is lower.",
        ],
        wrong: "On a mountain water boils above 100 °C, because the air pressure is higher.",
      },
      {
        wordings: [
          "The boiling point falls by about 1 °C for every 300 metres of height.",
          "For every 300 metres of height the boiling point falls by about 1 °C.",
        ],
      },
    ],
    insights: {
      concise: "On Everest it is about 70 °C.",
      thorough:
        "Boiling begins where the vapour pressure of the water equals that of the air around.",
      practical: "Pasta and eggs take longer up there; a pressure cooker undoes the effect.",
      sceptical: "Weather matters too: a deep low moves the boiling point by a degree or two.",
    },
    french:
      "En montagne, l'eau bout au-dessous de 100 °C, car la pression de l'air est plus basse.",
  },
  {
    question: "Which mountain is the tallest?",
    keywords: [/\b(mountain|everest)/i, /\b(tall|high)/i],
    facts: [
      {
        wordings: [
          "Above sea level Mount Everest is the highest mountain, at 8,849 m.",
          "At 8,849 m above sea level, Mount Everest is the highest mountain.",
        ],
        wrong:
          "Above sea level Mount Everest is the second highest mountain, at 8,611 m, after K2.",
      },
      {
        wordings: [
          "It still grows by a few millimetres a year as India pushes into Asia.",
          "As India pushes into Asia it still grows by a few millimetres a year.",
        ],
      },
    ],
    insights: {
      concise: "It stands on the border of Nepal and China.",
      thorough: "Measured from its base on the sea floor, Mauna Kea is taller: about 10,200 m.",
      practical: "Climbers need bottled oxygen above 8,000 m, in what they call the death zone.",
      sceptical: "Farthest from the centre of the planet is the summit of Chimborazo in Ecuador.",
    },
    french: "Le mont Everest, à 8 849 m au-dessus de la mer, est la plus haute montagne.",
  },
  {
    question: "How many steps does binary search need?",
    keywords: [/\bbinary\b/i, /\bsearch/i],
    facts: [
      {
        wordings: [
          "Binary search needs at most 20 steps for a million sorted items.",
          "For a million sorted items binary search needs 20 steps at most.",
        ],
        wrong: "Binary search needs at most 1000 steps for a million sorted items.",
      },
      {
        wordings: [
          "Every step halves what is left, so the number of steps is the logarithm to base 2.",
          "The number of steps is the logarithm to base 2, since every step halves what is left.",
        ],
      },
    ],
    insights: {
      concise: "The items must be sorted first.",
      thorough: "Interpolation search does better on evenly spread keys: log log n on average.",
      practical: "For a few dozen items a plain scan is faster, because it suits the cache.",
      sceptical:
        "Many published versions overflow when they add the two bounds to find the middle.",
    },
    french: "La recherche dichotomique demande au plus 20 étapes pour un million d'éléments triés.",
  },
  {
    question: "When should I add a database index?",
    keywords: [/\bindex/i, /\b(database|table|sql|quer)/i],
    facts: [
      {
        wordings: [
          "Add an index where queries filter or join on a column and touch few of the rows.",
          "An index pays where queries filter or join on a column and touch few rows.",
        ],
        wrong:
          "Never add an index where queries filter or join on a column and touch few of the rows.",
      },
      {
        wordings: [
          "Every index slows writes down, because it has to be kept up to date.",
          "Because it has to be kept up to date, every index slows down writes.",
        ],
      },
    ],
    insights: {
      concise: "Drop the ones that no query uses.",
      thorough: "In an index over several columns the order decides: equality first, then ranges.",
      practical: "Look at the query plan before and after; build it concurrently in production.",
      sceptical: "On a column with two or three values the planner will mostly ignore it.",
    },
    french:
      "Un index est utile quand les requêtes filtrent sur une colonne et lisent peu de lignes.",
  },
  {
    question: "What should a client do when it gets HTTP 429?",
    keywords: [/\b(429|rate[- ]limit)/i],
    facts: [
      {
        wordings: [
          "On HTTP 429 a client should wait as long as the Retry-After header says.",
          "A client that gets HTTP 429 should wait as long as the Retry-After header says.",
        ],
        wrong: "On HTTP 429 a client should not wait, whatever the Retry-After header says.",
      },
      {
        wordings: [
          "Without that header it should back off exponentially, with random jitter.",
          "It should back off exponentially, with random jitter, where that header is missing.",
        ],
      },
    ],
    insights: {
      concise: "Then it should send fewer requests.",
      thorough: "A token bucket on the client's side avoids most refusals in the first place.",
      practical: "Cap the retries by the deadline, and show the user that it is waiting.",
      sceptical: "Without a retry budget, polite retries alone can still multiply an outage.",
    },
    french: "Le client doit attendre le temps indiqué par l'en-tête Retry-After.",
  },
  {
    question: "How do plants make their food?",
    keywords: [/\b(plants?|photosynthesis)\b/i, /\b(food|photosynthesis|energy|sugar)/i],
    facts: [
      {
        wordings: [
          "By photosynthesis plants turn carbon dioxide, water and light into sugar and oxygen.",
          "Plants use photosynthesis to turn carbon dioxide, water and light into sugar and oxygen.",
        ],
        wrong:
          "By photosynthesis plants do not turn carbon dioxide into sugar; they take sugar from the soil.",
      },
      {
        wordings: [
          "It happens in the chloroplasts, where chlorophyll takes up red and blue light.",
          "In the chloroplasts, where it happens, chlorophyll takes up blue and red light.",
        ],
      },
    ],
    insights: {
      concise: "The oxygen comes from the water, not from the carbon dioxide.",
      thorough:
        "Light reactions make ATP and NADPH, which the Calvin cycle spends on fixing carbon.",
      practical: "Growers enrich greenhouses with carbon dioxide to raise the yield.",
      sceptical: "Only one to two percent of the light that falls on a leaf ends up as biomass.",
    },
    french:
      "Par la photosynthèse, les plantes transforment le gaz carbonique, l'eau et la lumière en sucre.",
  },
];
