#version 330
uniform mat4 view_projection;
uniform mat4 light_projection;
in vec3 position;
in vec3 normal;
in vec3 colour;
in vec3 material;
in vec3 rest;
out vec3 f_normal;
out vec3 f_colour;
out vec3 f_material;
out vec3 f_rest;
out vec3 f_position;
out vec4 f_light;

void main() {
    gl_Position = view_projection * vec4(position, 1.0);
    f_light = light_projection * vec4(position, 1.0);
    f_normal = normal;
    f_colour = colour;
    f_material = material;
    f_rest = rest;
    f_position = position;
}
