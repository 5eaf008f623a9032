/**
 * Prose: one paragraph in many languages, written for the tests.
 * @module
 */

/** By language code. */
export const PROSE: Readonly<Record<string, string>> = {
  de:
    `Der Wasserkreislauf beschreibt, wie sich Wasser zwischen Meeren, Luft und Land bewegt. Die Sonne erwärmt die Oberfläche der Ozeane, sodass ein Teil des Wassers verdunstet und als Dampf aufsteigt. In kühleren Schichten der Atmosphäre bilden sich daraus Wolken, aus denen später Regen, Schnee oder Hagel fällt. Ein Teil des Niederschlags versickert im Boden und füllt das Grundwasser auf, während der Rest über Bäche und Flüsse zurück ins Meer fließt. Ohne diesen ständigen Austausch gäbe es auf den Kontinenten kaum Trinkwasser, und die Landwirtschaft wäre in vielen Regionen unmöglich.`,
  fr:
    `Le cycle de l'eau décrit la manière dont l'eau circule entre les océans, l'atmosphère et les continents. Le soleil réchauffe la surface des mers, si bien qu'une partie de l'eau s'évapore et s'élève sous forme de vapeur. Dans les couches plus froides de l'air, cette vapeur forme des nuages, d'où tombent ensuite la pluie, la neige ou la grêle. Une partie de ces précipitations s'infiltre dans le sol et recharge les nappes souterraines, tandis que le reste retourne à la mer par les ruisseaux et les rivières. Sans cet échange permanent, il n'y aurait presque pas d'eau potable sur les terres.`,
  es:
    `El ciclo del agua describe cómo se mueve el agua entre los océanos, la atmósfera y la tierra firme. El sol calienta la superficie del mar, de modo que una parte del agua se evapora y asciende en forma de vapor. En las capas más frías del aire se forman nubes, de las que después cae lluvia, nieve o granizo. Una parte de la precipitación se infiltra en el suelo y recarga los acuíferos, mientras que el resto vuelve al mar por arroyos y ríos. Sin este intercambio constante apenas habría agua potable en los continentes, y la agricultura sería imposible en muchas regiones.`,
  pt:
    `O ciclo da água descreve como a água se move entre os oceanos, a atmosfera e os continentes. O sol aquece a superfície do mar, de modo que parte da água evapora e sobe em forma de vapor. Nas camadas mais frias do ar formam-se nuvens, das quais depois cai chuva, neve ou granizo. Uma parte da precipitação infiltra-se no solo e alimenta os aquíferos, enquanto o restante volta ao mar por riachos e rios. Sem essa troca constante quase não haveria água potável em terra, e a agricultura seria impossível em muitas regiões.`,
  it:
    `Il ciclo dell'acqua descrive come l'acqua si muove tra gli oceani, l'atmosfera e la terraferma. Il sole riscalda la superficie del mare, cosicché una parte dell'acqua evapora e sale sotto forma di vapore. Negli strati più freddi dell'aria si formano nuvole, dalle quali poi cadono pioggia, neve o grandine. Una parte delle precipitazioni si infiltra nel terreno e ricarica le falde, mentre il resto torna al mare attraverso ruscelli e fiumi. Senza questo scambio continuo sulle terre non ci sarebbe quasi acqua potabile.`,
  pl:
    `Obieg wody opisuje, jak woda krąży między oceanami, atmosferą i lądem. Słońce ogrzewa powierzchnię mórz, przez co część wody paruje i unosi się w postaci pary. W chłodniejszych warstwach powietrza powstają z niej chmury, z których później pada deszcz, śnieg lub grad. Część opadów wsiąka w glebę i zasila wody podziemne, a reszta wraca do morza strumieniami i rzekami. Bez tej ciągłej wymiany na kontynentach prawie nie byłoby wody pitnej, a rolnictwo w wielu regionach byłoby niemożliwe.`,
  tr:
    `Su döngüsü, suyun okyanuslar, atmosfer ve kara arasında nasıl hareket ettiğini anlatır. Güneş denizlerin yüzeyini ısıtır, böylece suyun bir kısmı buharlaşır ve yükselir. Havanın daha soğuk katmanlarında bu buhardan bulutlar oluşur ve sonra bulutlardan yağmur, kar ya da dolu yağar. Yağışın bir kısmı toprağa sızar ve yeraltı sularını besler, geri kalanı ise dereler ve nehirlerle denize döner. Bu sürekli alışveriş olmasaydı karalarda neredeyse hiç içme suyu bulunmazdı.`,
  vi:
    `Vòng tuần hoàn nước mô tả cách nước di chuyển giữa đại dương, khí quyển và đất liền. Mặt trời làm nóng bề mặt biển, khiến một phần nước bốc hơi và bay lên cao. Trong những lớp không khí lạnh hơn, hơi nước tạo thành mây, rồi từ đó rơi xuống thành mưa, tuyết hoặc mưa đá. Một phần lượng mưa thấm vào đất và bổ sung cho nước ngầm, phần còn lại chảy qua suối và sông để trở về biển.`,
  ru:
    `Круговорот воды описывает, как вода движется между океанами, атмосферой и сушей. Солнце нагревает поверхность морей, поэтому часть воды испаряется и поднимается вверх в виде пара. В более холодных слоях воздуха из него образуются облака, из которых затем выпадает дождь, снег или град. Часть осадков просачивается в почву и пополняет подземные воды, а остальное возвращается в море по ручьям и рекам. Без этого постоянного обмена на континентах почти не было бы питьевой воды, а земледелие во многих регионах стало бы невозможным.`,
  uk:
    `Кругообіг води описує, як вода рухається між океанами, атмосферою та суходолом. Сонце нагріває поверхню морів, тому частина води випаровується і піднімається вгору у вигляді пари. У холодніших шарах повітря з неї утворюються хмари, з яких потім випадає дощ, сніг або град. Частина опадів просочується в ґрунт і поповнює підземні води, а решта повертається до моря струмками та річками.`,
  el:
    `Ο κύκλος του νερού περιγράφει πώς κινείται το νερό ανάμεσα στους ωκεανούς, την ατμόσφαιρα και τη στεριά. Ο ήλιος ζεσταίνει την επιφάνεια της θάλασσας, έτσι ένα μέρος του νερού εξατμίζεται και ανεβαίνει ως ατμός. Στα ψυχρότερα στρώματα του αέρα σχηματίζονται σύννεφα, από τα οποία αργότερα πέφτει βροχή, χιόνι ή χαλάζι.`,
  ar:
    `تصف دورة الماء كيفية انتقال الماء بين المحيطات والغلاف الجوي واليابسة. تسخن الشمس سطح البحار فيتبخر جزء من الماء ويصعد على شكل بخار. وفي طبقات الهواء الأكثر برودة تتكون منه الغيوم التي يهطل منها لاحقا المطر أو الثلج أو البرد. يتسرب جزء من الهطول إلى التربة ويغذي المياه الجوفية، ويعود الباقي إلى البحر عبر الجداول والأنهار. ولولا هذا التبادل المستمر لما وجد ماء صالح للشرب على القارات إلا القليل.`,
  he:
    `מחזור המים מתאר כיצד המים נעים בין האוקיינוסים, האטמוספרה והיבשה. השמש מחממת את פני הים, וחלק מן המים מתאדים ועולים כאדים. בשכבות אוויר קרות יותר נוצרים מהם עננים, ומהם יורדים אחר כך גשם, שלג או ברד. חלק מן המשקעים מחלחל לקרקע וממלא את מי התהום, והשאר חוזר אל הים בנחלים ובנהרות.`,
  hi:
    `जल चक्र बताता है कि पानी महासागरों, वायुमंडल और भूमि के बीच कैसे घूमता है। सूर्य समुद्र की सतह को गर्म करता है, जिससे पानी का एक भाग वाष्प बनकर ऊपर उठता है। हवा की ठंडी परतों में इससे बादल बनते हैं, जिनसे बाद में वर्षा, हिम या ओले गिरते हैं। वर्षा का एक भाग मिट्टी में रिसकर भूजल को भरता है, और शेष नदियों के रास्ते समुद्र में लौट जाता है।`,
  th:
    `วัฏจักรของน้ำอธิบายว่าน้ำเคลื่อนที่ระหว่างมหาสมุทร ชั้นบรรยากาศ และแผ่นดินอย่างไร ดวงอาทิตย์ทำให้ผิวน้ำทะเลร้อนขึ้น น้ำบางส่วนจึงระเหยและลอยขึ้นเป็นไอน้ำ ในชั้นอากาศที่เย็นกว่าไอน้ำจะกลายเป็นเมฆ แล้วตกลงมาเป็นฝน หิมะ หรือลูกเห็บ`,
  zh:
    `水循环描述了水在海洋、大气和陆地之间的运动方式。太阳加热海洋表面，使一部分水蒸发并以水汽的形式上升。在较冷的空气层中，水汽凝结成云，随后以雨、雪或冰雹的形式落下。一部分降水渗入土壤，补充地下水，其余的则通过溪流和河流回到大海。如果没有这种持续的交换，大陆上几乎不会有饮用水，许多地区的农业也将无法进行。人类活动正在改变这一循环，例如砍伐森林会减少蒸发，而城市的硬化路面会让雨水更快地流走。`,
  ja:
    `水の循環とは、水が海と大気と陸地の間をどのように移動するかを説明するものです。太陽が海の表面を温めると、水の一部が蒸発して水蒸気として上昇します。冷たい空気の層では水蒸気が雲になり、やがて雨や雪、ひょうとなって降ります。降水の一部は土にしみ込んで地下水を補い、残りは小川や川を通って海に戻ります。この絶え間ない交換がなければ、大陸には飲み水がほとんどなくなり、多くの地域で農業は不可能になるでしょう。`,
  ko:
    `물의 순환은 물이 바다와 대기와 육지 사이를 어떻게 이동하는지를 설명한다. 태양이 바다 표면을 데우면 물의 일부가 증발하여 수증기로 올라간다. 더 차가운 공기층에서는 수증기가 구름이 되고, 나중에 비나 눈 또는 우박이 되어 내린다. 강수의 일부는 땅에 스며들어 지하수를 채우고, 나머지는 개울과 강을 따라 바다로 돌아간다. 이런 끊임없는 교환이 없다면 대륙에는 마실 물이 거의 없을 것이다.`,
};
