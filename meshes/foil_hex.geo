// Foil and separator as hexahedra: a recombined square extruded in layers.
// Lengths in um; the file is written in metres (Mesh.ScalingFactor).
width = 100;
cells = 8;
Point(1) = {0, 0, 0};
line[] = Extrude {width, 0, 0} { Point{1}; Layers{cells}; };
base[] = Extrude {0, width, 0} { Curve{line[1]}; Layers{cells}; Recombine; };
foil[] = Extrude {0, 0, 50} { Surface{base[1]}; Layers{10}; Recombine; };
separator[] = Extrude {0, 0, 25} { Surface{foil[0]}; Layers{5}; Recombine; };
Physical Volume("foil") = {foil[1]};
Physical Volume("separator") = {separator[1]};
Physical Surface("bottom") = {base[1]};
Physical Surface("top") = {separator[0]};
Physical Surface("sides") = {foil[2], foil[3], foil[4], foil[5], separator[2], separator[3], separator[4], separator[5]};
Mesh.ScalingFactor = 1e-6;
